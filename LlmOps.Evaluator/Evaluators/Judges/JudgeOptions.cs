namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>The settings that all judges have.</summary>
/// <param name="Prompt">The prompt that judges.</param>
/// <param name="Version">Its version or label; null for the one in production, or else the highest.</param>
/// <param name="Model">The model that judges; null for the one that all judges have.</param>
/// <param name="Task">What was to be done, in words; null where it is not told.</param>
internal sealed record JudgeOptions(string Prompt, string? Version, string? Model, string? Task)
{
    /// <summary>Reads them.</summary>
    /// <param name="settings">The evaluator's settings.</param>
    /// <param name="prompt">The prompt where none is named.</param>
    /// <param name="hasTask">Whether the judge is told what was to be done.</param>
    public static JudgeOptions Read(SettingsReader settings, string prompt, bool hasTask = true) =>
        new(settings.Text("prompt") ?? prompt, settings.Text("version"), settings.Text("model"), hasTask ? settings.Text("task") : null);
}
