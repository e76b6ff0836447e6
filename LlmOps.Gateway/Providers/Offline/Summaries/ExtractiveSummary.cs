using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>Shortens a text to its most informative sentences, in their order and in their words.</summary>
internal static class ExtractiveSummary
{
    /// <summary>Sentences where no length is asked for.</summary>
    private const int DefaultSentences = 3;

    /// <summary>How much of a text is read, in UTF-16 units.</summary>
    private const int MaxScanned = 400_000;

    /// <summary>The summary, within <paramref name="limit"/>; empty if there is no text.</summary>
    public static string Of(string text, LengthLimit? limit)
    {
        var sentences = Sentences.Of(text.Length > MaxScanned ? text[..MaxScanned] : text).ToList();
        if (sentences.Count == 0)
        {
            return "";
        }

        limit ??= new LengthLimit();
        return limit.Bullets is { } bullets ? Bullets(sentences, bullets, limit) : Prose(sentences, limit);
    }

    /// <summary>The most informative sentences, at most <paramref name="count"/>, in their order.</summary>
    public static IReadOnlyList<string> KeySentences(string text, int count)
    {
        var sentences = Sentences.Of(text.Length > MaxScanned ? text[..MaxScanned] : text).ToList();
        return [.. SentenceScores.Ranking(sentences).Take(count).Order().Select(i => sentences[i])];
    }

    private static string Prose(List<string> sentences, LengthLimit limit)
    {
        bool open = limit.Words is not null || limit.Characters is not null;
        int half = (sentences.Count + 1) / 2;
        int count = limit.Sentences ?? (open ? half : Math.Min(half, DefaultSentences));
        int[] ranking = SentenceScores.Ranking(sentences);
        var budget = new Budget(limit.Words, limit.Characters);
        var chosen = new List<int>();
        foreach (int i in ranking)
        {
            if (chosen.Count < count && budget.TryTake(Finished(sentences[i])))
            {
                chosen.Add(i);
            }
        }

        return chosen.Count > 0
            ? Join(chosen.Order().Select(i => Finished(sentences[i])))
            : WordBudget.Cut(sentences[ranking[0]], limit.Words, limit.Characters);
    }

    private static string Bullets(List<string> sentences, int bullets, LengthLimit limit)
    {
        var parts = sentences.Count < bullets ? Clauses.Of(sentences, bullets) : sentences;
        var points = SentenceScores.Ranking(parts).Take(bullets).Order().Select(i => parts[i]).ToList();

        // A limit for all is shared out evenly; "- " and the line break are part of it.
        int share = limit.Each ? 1 : points.Count;
        int? words = limit.Words / share - (limit.Each ? 0 : 1);
        int? characters = limit.Characters / share - 3;
        return string.Join('\n', points.Select(point => "- " + WordBudget.Cut(point, words, characters)));
    }

    // Two sentences must not run together where the text had a heading or a list.
    private static string Finished(string sentence) => char.IsLetterOrDigit(sentence[^1]) && !Words.IsIdeograph(sentence[^1]) ? sentence + "." : sentence;

    private static string Join(IEnumerable<string> sentences)
    {
        var parts = sentences.ToList();
        return string.Concat(parts.Select((part, i) => i == 0 || parts[i - 1][^1] is '。' or '！' or '？' ? part : " " + part));
    }

    /// <summary>What is left of a limit on words and characters.</summary>
    private sealed class Budget(int? words, int? characters)
    {
        private int _words = words ?? int.MaxValue;
        private int _characters = characters ?? int.MaxValue;
        private bool _first = true;

        public bool TryTake(string sentence)
        {
            int count = words is null ? 0 : WordBudget.Count(sentence);
            int length = sentence.Length + (_first ? 0 : 1);
            if (count > _words || length > _characters)
            {
                return false;
            }

            _words -= count;
            _characters -= characters is null ? 0 : length;
            _first = false;
            return true;
        }
    }
}
