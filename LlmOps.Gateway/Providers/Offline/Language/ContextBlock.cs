namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>A text that a message gives before what it asks: "Context:", the text, a blank line, the question.</summary>
/// <param name="Context">The text.</param>
/// <param name="Question">What is asked, which may be any instruction.</param>
internal sealed record ContextBlock(string Context, string Question)
{
    private static readonly string[] Labels = ["context:", "### context", "## context", "# context", "kontext:", "contexto:", "contexte:", "contesto:", "background:"];
    private static readonly string[] QuestionLabels = ["question:", "task:", "prompt:", "query:", "instruction:", "user question:"];

    /// <summary>How far from its end a message is searched for the question's label, in UTF-16 units.</summary>
    private const int MaxQuestion = 4_000;

    /// <summary>Takes a message apart; null if it does not start with a context, or ends with it.</summary>
    public static ContextBlock? Split(string message)
    {
        if (TextAfterLabel(message) is not { Length: > 0 } text)
        {
            return null;
        }

        foreach (string label in QuestionLabels)
        {
            int at = text.LastIndexOf("\n" + label, text.Length - 1, Math.Min(text.Length, MaxQuestion), StringComparison.OrdinalIgnoreCase);
            if (at >= 0)
            {
                return new ContextBlock(text[..at].Trim(), text[(at + 1 + label.Length)..].Trim());
            }
        }

        int gap = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        return gap > 0 ? new ContextBlock(text[..gap].Trim(), text[gap..].Trim()) : null;
    }

    /// <summary>What follows a "Context:" line that a system prompt has; null if it has none.</summary>
    public static string? InSystem(string system)
    {
        if (TextAfterLabel(system) is { } whole)
        {
            return whole;
        }

        int at = Labels.Select(label => system.IndexOf("\n" + label, StringComparison.OrdinalIgnoreCase)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        return at < 0 ? null : TextAfterLabel(system[(at + 1)..]);
    }

    private static string? TextAfterLabel(string message) =>
        Labels.FirstOrDefault(label => message.StartsWith(label, StringComparison.OrdinalIgnoreCase)) is { } label
            ? message[label.Length..].Trim(':', ' ', '\n')
            : null;
}
