using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>How much sentences say about the text they are of.</summary>
internal static class SentenceScores
{
    /// <summary>Shortest sentence, in words, that says something by itself.</summary>
    private const int Short = 5;

    /// <summary>
    /// Indexes of the sentences, the most informative first: the mean frequency of their content words, more for the first
    /// and the last, less for headings, questions and fragments. Ties go to the earlier.
    /// </summary>
    public static int[] Ranking(IReadOnlyList<string> sentences)
    {
        var content = sentences.Select(sentence => Words.Content(sentence).ToArray()).ToArray();
        var frequency = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string stem in content.SelectMany(stems => stems))
        {
            frequency[stem] = frequency.GetValueOrDefault(stem) + 1;
        }

        double[] scores = new double[sentences.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = Mean(content[i], frequency) * Position(i, scores.Length) * Shape(sentences[i], content[i].Length);
        }

        return [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i)];
    }

    // The square root lets a long sentence with many informative words win over a short one with a single frequent word.
    private static double Mean(string[] stems, Dictionary<string, int> frequency) =>
        stems.Length == 0 ? 0 : stems.Distinct(StringComparer.Ordinal).Sum(stem => Math.Sqrt(frequency[stem])) / Math.Sqrt(stems.Length + 1);

    private static double Position(int index, int count) => index == 0 ? 1.5 : index == 1 ? 1.15 : index == count - 1 ? 1.1 : 1;

    private static double Shape(string sentence, int contentWords)
    {
        double terminated = char.IsLetterOrDigit(sentence[^1]) || sentence[^1] == ':' ? 0.6 : 1;
        double statement = sentence[^1] is '?' or '？' ? 0.5 : 1;
        return terminated * statement * (contentWords < Short - 2 ? 0.5 : 1);
    }
}
