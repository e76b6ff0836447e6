using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>An experiment that runs, with the versions that its variants are of.</summary>
internal sealed class RunningExperiment
{
    private readonly Experiment _experiment;
    private readonly IReadOnlyList<double> _weights;
    private readonly IReadOnlyList<PromptUse?> _uses;
    private readonly bool _choosesModel;

    /// <summary>Puts one in force.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="versions">The versions that are there.</param>
    public RunningExperiment(Experiment experiment, IReadOnlyDictionary<int, PromptVersion> versions)
    {
        _experiment = experiment;
        var variants = experiment.Definition.Variants;
        _weights = [.. variants.Select(variant => variant.Weight)];
        _choosesModel = variants.Any(variant => variant.Model is not null);
        _uses = [.. variants.Select(variant => versions.GetValueOrDefault(variant.Version) is { } version && !experiment.PausedVariants.Contains(variant.Name)
            ? new PromptUse(version, variant.Model ?? version.Model, version.Parameters.With(variant.Parameters), null)
            : null)];
    }

    /// <summary>Its name.</summary>
    public string Name => _experiment.Name;

    /// <summary>What a request is to be made from; null where it takes no part, or its variant is paused.</summary>
    /// <param name="request">The request.</param>
    /// <param name="namesModel">Whether it names its model: it takes no part where that is what is compared.</param>
    public PromptUse? UseOf(GatewayRequest request, bool namesModel)
    {
        if (namesModel && _choosesModel)
        {
            return null;
        }

        var assignment = Assignment.Of(_experiment.Definition.Salt, UnitOf(request));
        if (assignment.Place >= _experiment.Share)
        {
            return null;
        }

        var index = assignment.Choose(_weights);
        return _uses[index] is { } use ? use with { Exposure = new Exposure(Name, _experiment.Definition.Variants[index].Name, assignment.Id) } : null;
    }

    // Tenants may have users of the same name. What is missing is a request's id, so that it is still decided.
    private string UnitOf(GatewayRequest request)
    {
        var (principal, unit) = (request.Principal, _experiment.Definition.Unit);
        var value = unit switch
        {
            ExperimentUnit.User => request.User ?? principal.User,
            ExperimentUnit.Session => request.Session,
            ExperimentUnit.Key => principal.Key,
            _ => null,
        };
        return value is null ? $"{principal.Tenant}\0{ExperimentUnit.Request}\0{request.RequestId}" : $"{principal.Tenant}\0{unit}\0{value}";
    }
}
