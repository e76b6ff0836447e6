using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Commands;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Runs;

/// <summary>Makes the plan of an evaluation: what was asked for, before what eval.yaml says, before defaults.</summary>
/// <param name="asked">What was asked for.</param>
/// <param name="settings">What eval.yaml says.</param>
/// <param name="gateway">Who answers.</param>
internal sealed class PlanMaker(EvaluationRequest asked, EvaluationFile settings, GatewayClient gateway)
{
    private const string Production = "production";

    // What an answer takes is always of interest.
    private static readonly string[] Always = ["latency", "tokens", "cost"];

    // Where there is something to compare with, and where there is not.
    private static readonly string[] WithReferences = ["exact", "token_f1", "rouge_l", "chrf"];
    private static readonly string[] WithoutReferences = ["refusal"];

    /// <summary>Makes it.</summary>
    /// <param name="dataset">All cases.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">Something that is asked for is not there, or does not fit.</exception>
    /// <exception cref="GatewayCallException">The gateway cannot be asked.</exception>
    public async Task<EvaluationPlan> MakeAsync(Dataset dataset, CancellationToken cancellationToken)
    {
        var prompt = await gateway.GetPromptAsync(asked.Prompt, cancellationToken);
        var defaultModel = await gateway.GetDefaultModelAsync(cancellationToken);
        var variants = VariantsOf(prompt, defaultModel);
        var chosen = dataset.Select([.. asked.Filter.Select(CaseFilter.Parse)], asked.Sample, asked.Seed);
        DatasetCheck.Faults(chosen, [.. variants.Select(variant => variant.Version).Distinct()]).ThrowIfAny();
        return new EvaluationPlan
        {
            Prompt = asked.Prompt,
            Variants = variants,
            Cases = await WithEvaluatorsAsync(chosen.Cases, defaultModel, cancellationToken),
            Repeats = asked.Repeats ?? settings.Repeats ?? 1,
            Concurrency = asked.Concurrency,
            UsesCache = asked.UsesCache,
        };
    }

    private List<PlannedVariant> VariantsOf(PromptInfo prompt, string defaultModel)
    {
        string?[] models = asked.Models.Count > 0 ? [.. asked.Models] : [null];
        IReadOnlyList<string> named = asked switch
        {
            { IsComparison: true, Versions.Count: 1 } when settings.Baseline is { } baseline && models.Length == 1 => [baseline, .. asked.Versions],
            { IsComparison: true, Versions.Count: 1 } when models.Length == 1 => throw new BadInputException("One version with one model has nothing to be compared with; expected a second version, a baseline in eval.yaml, or `run`."),
            { Versions.Count: > 0 } => asked.Versions,
            _ => [prompt.Labels.GetValueOrDefault(Production) ?? prompt.Versions[^1].Version],
        };
        List<PlannedVariant> variants = [.. named.Select(prompt.Find).SelectMany(version => models.Select(model => new PlannedVariant(
            new Variant
            {
                Name = models.Length > 1 ? $"{version.Version}/{model}" : version.Version,
                Version = version.Version,
                Model = model,
                ContentHash = version.ContentHash,
                Parameters = version.Parameters,
            },
            version,
            model ?? version.Model ?? defaultModel)))];
        return variants.GroupBy(variant => variant.Facts.Name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new BadInputException($"{twice.Key} is there twice; expected different versions or models. {string.Join(", ", named)} name {string.Join(", ", variants.Select(variant => variant.Facts.Name))}.")
            : variants;
    }

    private async Task<IReadOnlyList<PlannedCase>> WithEvaluatorsAsync(IReadOnlyList<EvaluationCase> cases, string defaultModel, CancellationToken cancellationToken)
    {
        var context = new EvaluatorContext(gateway, asked.JudgeModel ?? settings.JudgeModel, defaultModel);
        List<IEvaluator> all = [];
        foreach (var spec in SpecsFor(cases))
        {
            all.Add(await EvaluatorCatalogue.MakeAsync(spec, context, cancellationToken));
        }

        if (all.GroupBy(evaluator => evaluator.Metric.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new BadInputException($"Two evaluators are called {twice.Key}; expected another name for one of them, by name=….");
        }

        // One that several cases have is made once.
        Dictionary<string, IEvaluator> own = [];
        List<PlannedCase> planned = [];
        foreach (var each in cases)
        {
            List<IEvaluator> evaluators = [.. all];
            foreach (var spec in each.Evaluators)
            {
                var id = $"{spec.Type} {spec.Name} {spec.Settings?.GetRawText()}";
                if (!own.TryGetValue(id, out var evaluator))
                {
                    own[id] = evaluator = await EvaluatorCatalogue.MakeAsync(spec, context, cancellationToken);
                }

                // What a case says of itself goes before what is said of all.
                evaluators.RemoveAll(other => other.Metric.Name == evaluator.Metric.Name);
                evaluators.Add(evaluator);
            }

            planned.Add(new PlannedCase(each, evaluators));
        }

        return planned;
    }

    private List<EvaluatorSpec> SpecsFor(IReadOnlyList<EvaluationCase> cases)
    {
        List<EvaluatorSpec> specs = asked.Evaluators.Count > 0 ? [.. asked.Evaluators.Select(EvaluatorSpec.Parse)]
            : settings.Evaluators.Count > 0 ? [.. settings.Evaluators]
            : cases.Any(each => each.Evaluators.Count > 0) ? []
            : [.. (cases.Any(each => each.References.Count > 0) ? WithReferences : WithoutReferences).Select(EvaluatorSpec.Parse)];
        specs.AddRange(Always.Where(type => specs.TrueForAll(spec => spec.Type != type)).Select(EvaluatorSpec.Parse));
        return specs;
    }
}
