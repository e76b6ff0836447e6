namespace LlmOps.Gateway.Prompts.Files;

/// <summary>A file of the prompts folder cannot be taken.</summary>
/// <param name="line">The line at fault, from 1; null where it is the file as a whole.</param>
/// <param name="reason">What is wrong, and what was expected.</param>
internal sealed class PromptFileException(int? line, string reason) : Exception(reason)
{
    /// <summary>The line at fault, from 1; null where it is the file as a whole.</summary>
    public int? Line { get; } = line;
}
