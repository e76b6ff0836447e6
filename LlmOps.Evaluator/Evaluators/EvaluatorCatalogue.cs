using LlmOps.Evaluator.Evaluators.Json;
using LlmOps.Evaluator.Evaluators.Judges;
using LlmOps.Evaluator.Evaluators.Language;
using LlmOps.Evaluator.Evaluators.Matching;
using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Makes an evaluator, asking its settings for all that it knows.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="context">What it may need beside them.</param>
/// <param name="cancellationToken">Ends it.</param>
/// <exception cref="BadInputException">A setting is not what was expected.</exception>
/// <exception cref="Answers.GatewayCallException">The gateway does not tell what the evaluator needs.</exception>
internal delegate ValueTask<IEvaluator> EvaluatorFactory(SettingsReader settings, EvaluatorContext context, CancellationToken cancellationToken);

/// <summary>All evaluators there are, by their types' names; docs/evaluators.md lists them.</summary>
internal static class EvaluatorCatalogue
{
    private static readonly OrderedDictionary<string, EvaluatorFactory> Factories = new(StringComparer.Ordinal)
    {
        ["exact"] = Local(settings => new ExactEvaluator(settings)),
        ["contains"] = Local(settings => new ContainsEvaluator(settings)),
        ["not_contains"] = Local(settings => new NotContainsEvaluator(settings)),
        ["regex"] = Local(settings => new RegexEvaluator(settings)),
        ["numeric"] = Local(settings => new NumericEvaluator(settings)),
        ["json_valid"] = Local(settings => new JsonValidEvaluator(settings)),
        ["json_schema"] = Local(settings => new JsonSchemaEvaluator(settings)),
        ["json_field"] = Local(settings => new JsonFieldEvaluator(settings)),
        ["json_equal"] = Local(settings => new JsonEqualEvaluator(settings)),
        ["tool_calls"] = Local(settings => new ToolCallsEvaluator(settings)),
        ["length"] = Local(settings => new LengthEvaluator(settings)),
        ["language"] = Local(settings => new LanguageEvaluator(settings)),
        ["refusal"] = Local(settings => new RefusalEvaluator(settings)),
        ["levenshtein"] = Local(SimilarityEvaluator.Levenshtein),
        ["token_f1"] = Local(SimilarityEvaluator.TokenF1),
        ["bleu"] = Local(SimilarityEvaluator.Bleu),
        ["rouge_1"] = Local(settings => SimilarityEvaluator.RougeN(settings, 1)),
        ["rouge_2"] = Local(settings => SimilarityEvaluator.RougeN(settings, 2)),
        ["rouge_l"] = Local(SimilarityEvaluator.RougeL),
        ["chrf"] = Local(SimilarityEvaluator.ChrF),
        [EmbeddingSimilarity.Type] = (settings, context, _) => ValueTask.FromResult(EmbeddingSimilarity.Make(settings, context)),
        [RubricJudge.Type] = RubricJudge.MakeAsync,
        [PreferenceJudge.Type] = PreferenceJudge.MakeAsync,
        [FaithfulnessJudge.Type] = FaithfulnessJudge.MakeAsync,
        [CriteriaJudge.Type] = CriteriaJudge.MakeAsync,
        ["latency"] = Local(settings => new AmountEvaluator(settings, "ms", answer => answer.LatencyMs)),
        ["tokens"] = Local(AmountEvaluator.Tokens),
        ["cost"] = Local(settings => new AmountEvaluator(settings, "USD", answer => (double?)answer.CostUsd)),
    };

    /// <summary>The types' names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Types => Factories.Keys;

    /// <summary>Makes an evaluator.</summary>
    /// <exception cref="BadInputException">There is no such type, or its settings are not what it expects.</exception>
    /// <exception cref="Answers.GatewayCallException">The gateway does not tell what the evaluator needs.</exception>
    public static async ValueTask<IEvaluator> MakeAsync(EvaluatorSpec spec, EvaluatorContext context, CancellationToken cancellationToken)
    {
        if (!Factories.TryGetValue(spec.Type, out var make))
        {
            throw new BadInputException($"There is no evaluator {spec.Type}; expected one of {string.Join(", ", Types)}.");
        }

        var settings = new SettingsReader(spec);
        var evaluator = await make(settings, context, cancellationToken);
        settings.RefuseOthers();
        return evaluator;
    }

    private static EvaluatorFactory Local(Func<SettingsReader, IEvaluator> make) => (settings, _, _) => ValueTask.FromResult(make(settings));
}
