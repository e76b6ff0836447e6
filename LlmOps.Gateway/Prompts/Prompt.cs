using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Labels;

namespace LlmOps.Gateway.Prompts;

/// <summary>A prompt as it is in force: its versions, what its labels name, and the experiment on it; immutable.</summary>
internal sealed record Prompt
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its versions by number, at least one.</summary>
    public required IReadOnlyDictionary<int, PromptVersion> Versions { get; init; }

    /// <summary>What its labels name; null for one whose version is not there.</summary>
    public required IReadOnlyDictionary<string, PromptVersion?> Labels { get; init; }

    /// <summary>The versions whose text has changed under their number.</summary>
    public required IReadOnlyCollection<int> Changed { get; init; }

    /// <summary>The experiment that runs on it; null for none.</summary>
    public RunningExperiment? Experiment { get; init; }

    /// <summary>The version in production; null where the label is not there, or its version is not.</summary>
    public PromptVersion? Production => Labels.GetValueOrDefault(LabelName.Production);

    /// <summary>Its highest version.</summary>
    public PromptVersion Highest => Versions[Versions.Keys.Max()];

    /// <summary>
    /// What a request is to be made from: the version that it asks for, the one its label names, that of the variant it sees in
    /// the experiment that runs, the one that production names, or the highest.
    /// </summary>
    /// <param name="version">The version it asks for; null for none.</param>
    /// <param name="label">The label it asks for; null for none.</param>
    /// <param name="namesModel">Whether it names its model.</param>
    /// <param name="request">The request; null for one that takes part in no experiment.</param>
    /// <exception cref="GatewayException">404: there is no such version or label; 503: the label's version is not there.</exception>
    public PromptUse Choose(string? version, string? label, bool namesModel, GatewayRequest? request)
    {
        if (version is not null && label is not null)
        {
            throw new GatewayException(ErrorCode.InvalidValue, "label is there beside version; expected one of them.", "label");
        }

        if (version is not null)
        {
            return PromptUse.Of(Find(version, "version"));
        }

        if (label is not null)
        {
            return PromptUse.Of(Labels.TryGetValue(label, out var named)
                ? named ?? throw Missing(label)
                : throw new GatewayException(ErrorCode.NotFound, $"Prompt '{Name}' has no label '{Shown.Short(label)}'; {(Labels.Count == 0 ? "it has none" : $"it has {string.Join(", ", Labels.Keys.Order(StringComparer.Ordinal))}")}.", "label"));
        }

        if (request is not null && Experiment?.UseOf(request, namesModel) is { } variant)
        {
            return variant;
        }

        return PromptUse.Of(Labels.TryGetValue(LabelName.Production, out var production) ? production ?? throw Missing(LabelName.Production) : Highest);
    }

    /// <summary>A version.</summary>
    /// <param name="version">Its name.</param>
    /// <param name="field">The field that names it, for messages.</param>
    /// <exception cref="GatewayException">404: there is none.</exception>
    public PromptVersion Find(string version, string field) => VersionName.Parse(version) is { } number && Versions.TryGetValue(number, out var found)
        ? found
        : throw new GatewayException(ErrorCode.NotFound, $"Prompt '{Name}' has no version '{Shown.Short(version)}'; it has {string.Join(", ", Versions.Keys.Order().Select(VersionName.Of))}.", field);

    // Another version in its place would be one that nobody has put in force.
    private GatewayException Missing(string label) =>
        new(ErrorCode.PromptUnavailable, $"The version that label '{label}' of prompt '{Name}' names is not there; GET /admin/prompts says why.");
}

/// <summary>What a request is made from.</summary>
/// <param name="Version">The version.</param>
/// <param name="Model">Its model; null for the default one.</param>
/// <param name="Parameters">What it asks of the model.</param>
/// <param name="Exposure">The variant that it sees; null for none.</param>
internal sealed record PromptUse(PromptVersion Version, string? Model, PromptParameters Parameters, Exposure? Exposure)
{
    /// <summary>A version as it is.</summary>
    public static PromptUse Of(PromptVersion version) => new(version, version.Model, version.Parameters, null);
}
