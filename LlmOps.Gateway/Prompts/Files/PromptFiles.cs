using LlmOps.Gateway.Prompts.Experiments;

namespace LlmOps.Gateway.Prompts.Files;

/// <summary>What the files of one prompt say.</summary>
/// <param name="Name">The prompt.</param>
/// <param name="Versions">Its versions by number.</param>
/// <param name="Labels">The versions that its labels.yaml names, with the lines; null where there is none.</param>
/// <param name="Experiment">Its experiment.yaml; null where there is none.</param>
internal sealed record PromptFiles(
    string Name, IReadOnlyDictionary<int, PromptVersion> Versions, IReadOnlyDictionary<string, (int Version, int? Line)>? Labels, ExperimentDefinition? Experiment);

/// <summary>What the whole folder says.</summary>
/// <param name="Prompts">The prompts by name.</param>
/// <param name="Faults">What of it could not be taken; where there was an earlier form of it, that goes on.</param>
/// <param name="IsSettled">Whether nothing of it was being written.</param>
internal sealed record PromptFolderContent(IReadOnlyDictionary<string, PromptFiles> Prompts, IReadOnlyList<PromptFault> Faults, bool IsSettled)
{
    /// <summary>Nothing.</summary>
    public static readonly PromptFolderContent Empty = new(new Dictionary<string, PromptFiles>(), [], IsSettled: true);
}
