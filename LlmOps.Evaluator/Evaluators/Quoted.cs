namespace LlmOps.Evaluator.Evaluators;

/// <summary>Parts of answers in the reasons of scores.</summary>
internal static class Quoted
{
    private const int Longest = 80;

    /// <summary>A text in quotes, on one line, at most 80 characters of it.</summary>
    public static string Short(string text)
    {
        var end = text.Length <= Longest ? text.Length : Longest - (char.IsHighSurrogate(text[Longest - 1]) ? 1 : 0);
        return $"“{text.AsSpan(0, end).ToString().ReplaceLineEndings(" ")}{(end < text.Length ? "…" : "")}”";
    }

    /// <summary>Texts in quotes, at most five of them.</summary>
    public static string Short(IReadOnlyCollection<string> texts) => string.Join(", ", texts.Take(5).Select(Short)) + (texts.Count > 5 ? ", …" : "");
}
