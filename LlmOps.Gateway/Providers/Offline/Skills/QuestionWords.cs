using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The stems of a question's content words, by their part in it.</summary>
/// <param name="All">All of them.</param>
/// <param name="Points">Those that say what is asked about the topic: "close" in "When does the library close?".</param>
internal sealed record QuestionWords(IReadOnlySet<string> All, IReadOnlySet<string> Points)
{
    private static readonly HashSet<string> Determiners = ["the", "a", "an", "this", "that", "these", "those", "my", "your", "our", "their", "his", "her", "its"];
    private static readonly HashSet<string> Openers = ["do", "does", "did", "is", "are", "was", "were", "can", "could", "will", "would", "has", "have", "had", "should", "may", "must", "when", "where", "whether", "if", "why", "how"];
    private static readonly HashSet<string> Kinds = ["what", "which", "how", "many", "much"];

    /// <summary>Takes a question apart.</summary>
    /// <param name="question">The question.</param>
    /// <param name="known">Stems of the context; what it does not have cannot be its topic.</param>
    public static QuestionWords Of(string question, IReadOnlySet<string> known)
    {
        string[] words = [.. Words.Of(question)];
        var all = words.Where(word => !StopWords.Contains(word)).Select(Words.Stem).ToHashSet(StringComparer.Ordinal);
        var points = all.ToHashSet(StringComparer.Ordinal);
        points.ExceptWith(Phrases.Capitalised(question, true).SelectMany(phrase => Words.Content(phrase.Text)).Where(known.Contains));
        for (int i = 1; i < words.Length; i++)
        {
            if (Kinds.Contains(words[i - 1]))
            {
                // "city" in "In which city": an answer names the city without the word.
                points.Remove(Words.Stem(words[i]));
            }
            else if (Determiners.Contains(words[i - 1]) && !IsAskedFor(words, i))
            {
                int end = Array.FindIndex(words, i, StopWords.Contains);
                end = end < 0 ? words.Length : end;

                // In "does the library close" and "when the library closes" the last word is what the topic does.
                bool predicate = i > 1 && Openers.Contains(words[i - 2]) && end - i > 1;
                points.ExceptWith(words[i..Math.Max(i, predicate ? end - 1 : end)].Select(Words.Stem).Where(known.Contains));
            }
        }

        return new QuestionWords(all, points);
    }

    // "closing time" in "What is the closing time?".
    private static bool IsAskedFor(string[] words, int at) =>
        at > 2 && words[at - 3] is "what" or "who" && words[at - 2] is "is" or "are" or "was" or "were";

    /// <summary>Whether a sentence with these stems has more of the question than its topic; if it asks for no more, the topic will do.</summary>
    public bool IsToThePoint(HashSet<string> sentence) => Points.Count == 0 || Points.Any(sentence.Contains);
}
