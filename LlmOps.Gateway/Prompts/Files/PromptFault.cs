namespace LlmOps.Gateway.Prompts.Files;

/// <summary>What is wrong in the prompts folder, or with what names a part of it.</summary>
/// <param name="Prompt">The prompt; null where it is none.</param>
/// <param name="File">The file, from the folder on: summarizer/v2.yaml; null where it is no file.</param>
/// <param name="Line">The line, from 1; null where it is no single one.</param>
/// <param name="Reason">What is wrong, and what was expected.</param>
internal sealed record PromptFault(string? Prompt, string? File, int? Line, string Reason)
{
    /// <summary>It in one line.</summary>
    public override string ToString() => (File, Line) switch
    {
        (null, _) => Reason,
        (_, null) => $"{File}: {Reason}",
        _ => $"{File}, line {Line}: {Reason}",
    };
}
