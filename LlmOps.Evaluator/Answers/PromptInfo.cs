using System.Text.Json;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Evaluator.Answers;

/// <summary>A prompt as the gateway tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">The versions that its labels name; null for one that is not there.</param>
/// <param name="Versions">Its versions, the oldest first.</param>
internal sealed record PromptInfo(string Name, IReadOnlyDictionary<string, string?> Labels, IReadOnlyList<PromptVersionInfo> Versions)
{
    /// <summary>A prompt as its files tell of it.</summary>
    public static PromptInfo Of(PromptFiles files) => new(
        files.Name,
        (files.Labels ?? new Dictionary<string, (int Version, int? Line)>()).ToDictionary(label => label.Key, label => files.Versions.ContainsKey(label.Value.Version) ? VersionName.Of(label.Value.Version) : null),
        [.. files.Versions.OrderBy(version => version.Key).Select(version => PromptVersionInfo.Of(version.Value))]);

    /// <summary>The version that a text names: v2, 2, or a label.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public PromptVersionInfo Find(string named)
    {
        var version = Labels.GetValueOrDefault(named) ?? (named.StartsWith('v') ? named : $"v{named}");
        return Versions.FirstOrDefault(each => each.Version == version)
            ?? throw new BadInputException($"Prompt {Name} has no version or label '{named}'; expected one of {string.Join(", ", Versions.Select(each => each.Version).Concat(Labels.Keys))}.");
    }
}

/// <summary>A version of a prompt.</summary>
/// <param name="Version">Its name: v2.</param>
/// <param name="Model">The model that it is for; null for the default one.</param>
/// <param name="Parameters">What it asks of the model.</param>
/// <param name="Variables">What it takes values of.</param>
/// <param name="ContentHash">Another one for another text.</param>
internal sealed record PromptVersionInfo(
    string Version, string? Model, IReadOnlyDictionary<string, JsonElement> Parameters, IReadOnlyList<PromptVariableInfo> Variables, string ContentHash)
{
    /// <summary>A version as its file tells of it.</summary>
    public static PromptVersionInfo Of(PromptVersion version) => new(
        version.Name, version.Model, version.Parameters.Json, [.. version.Variables.Select(variable => new PromptVariableInfo(variable.Name, variable.IsRequired, variable.MaxLength))], version.ContentHash);
}

/// <summary>What a prompt takes a value of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Required">Whether a value must be given.</param>
/// <param name="MaxLength">The most characters; null for any number.</param>
internal sealed record PromptVariableInfo(string Name, bool Required, int? MaxLength);
