using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class SimilarityEvaluatorTests
{
    private const string Types = "levenshtein token_f1 bleu rouge_1 rouge_2 rouge_l chrf";

    public static TheoryData<string> AllTypes => [.. Types.Split(' ')];

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task CaseWithoutReferences_HasNoScore(string type) => (await Scored.ByAsync(type, "text", Scored.Expecting("text"))).ShouldBeNull();

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task TheReferenceItself_IsOne(string type) =>
        (await Scored.ByAsync(type, "Ein Satz mit sieben Wörtern und mehr.", Scored.With("Ein Satz mit sieben Wörtern und mehr.")))!.Value!.Value.ShouldBe(1, 1e-12);

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task EmptyAnswer_IsZero(string type) => (await Scored.ByAsync(type, "", Scored.With("Ein Satz.")))!.Value.ShouldBe(0);

    [Theory]
    [MemberData(nameof(AllTypes))]
    public async Task Metric_IsAScoreOfQuality(string type)
    {
        var metric = (await Scored.MakeAsync($"{type}:name=like")).Metric;

        (metric.Name, metric.Type, metric.Kind, metric.Direction, metric.IsQuality).ShouldBe(("like", type, MetricKind.Score, MetricDirection.HigherIsBetter, true));
    }
}
