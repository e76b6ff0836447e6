using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>Chooses among given options the one that fits a text best.</summary>
internal static class BestFit
{
    /// <summary>How much of a text is read, in UTF-16 units.</summary>
    private const int MaxScanned = 100_000;

    /// <summary>Options that are looked for; more are not read.</summary>
    private const int MaxOptions = 200;

    /// <summary>Index of the option that the text mentions, else of the one with its sentiment, else of the one that shares words, else of the one for everything else, else 0.</summary>
    public static int Choose(IReadOnlyList<string> options, string text)
    {
        string scanned = text.Length > MaxScanned ? text[..MaxScanned] : text;
        return Mentioned(options, scanned) ?? BySentiment(options, scanned) ?? BySharedWords(options, scanned) ?? ForTheRest(options) ?? 0;
    }

    private static int? ForTheRest(IReadOnlyList<string> options)
    {
        for (int i = 0; i < Math.Min(options.Count, MaxOptions); i++)
        {
            if (options[i].ToLowerInvariant() is "other" or "none" or "unknown")
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>Index of the option mentioned, the longest if several are; null if none is.</summary>
    public static int? Mentioned(IReadOnlyList<string> options, string text)
    {
        int? best = null;
        for (int i = 0; i < Math.Min(options.Count, MaxOptions); i++)
        {
            bool found = Words.Mentions(text, options[i]) || (options[i].AsSpan().ContainsAny('_', '-') && Words.Mentions(text, options[i].Replace('_', ' ').Replace('-', ' ')));
            if (found && (best is null || options[i].Length > options[best.Value].Length))
            {
                best = i;
            }
        }

        return best;
    }

    private static int? BySentiment(IReadOnlyList<string> options, string text)
    {
        var values = options.Take(MaxOptions).Select(Sentiment.OfOption).ToList();
        if (!values.Contains(1) || !values.Contains(-1))
        {
            return null;
        }

        int wanted = Math.Sign(Sentiment.Of(text));
        return values.IndexOf(wanted) is var found and >= 0 ? found : null;
    }

    private static int? BySharedWords(IReadOnlyList<string> options, string text)
    {
        var stems = Words.Content(text).ToHashSet(StringComparer.Ordinal);
        var scores = options.Take(MaxOptions).Select(option => Identifiers.Words(option).Select(Words.Stem).Count(stem => stems.Contains(stem) || stems.Any(other => Related(stem, other)))).ToList();
        return scores.Count > 0 && scores.Max() > 0 ? scores.IndexOf(scores.Max()) : null;
    }

    // "bill" and "billing", "ship" and "shipment".
    private static bool Related(string left, string right) =>
        Math.Min(left.Length, right.Length) >= 4 && (left.StartsWith(right, StringComparison.Ordinal) || right.StartsWith(left, StringComparison.Ordinal));
}
