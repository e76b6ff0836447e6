using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Comparison;

/// <summary>What is said of judges: whether they favour a place, and agree with people.</summary>
public sealed class JudgeFactsTests
{
    private static readonly Metric Preference = ScoredCases.Metric("preference") with { IsPairwise = true };

    // Of eight pairs 5 were the first both times, and 1 the second: as often as 7 of 32 times, and as many the other way round.
    [Fact]
    public void PairsOfWhichTheFirstIsPreferredInBothOrders_ShowPositionBias()
    {
        (double First, double Second)[] orders = [(1, 0), (1, 0), (1, 0), (1, 0), (1, 0), (0, 1), (1, 1), (0.5, 1)];

        var bias = Compare(Preference, Judged(orders)).PositionBiases.ShouldHaveSingleItem();

        bias.ShouldBe(new PositionBias("preference", "v2", 8, 1, 5, 1, bias.PValue));
        bias.PValue!.Value.ShouldBe(2 * 7 / 64.0, 1e-12);
    }

    [Fact]
    public void JudgeThatNeverContradictsItself_HasNoPValue() =>
        Compare(Preference, Judged((1, 1), (0, 0), (0.5, 0.5))).PositionBiases.ShouldBe([new PositionBias("preference", "v2", 3, 3, 0, 0, null)]);

    [Fact]
    public void WithoutOrders_ThereIsNoPositionBias() =>
        Compare(Preference, [ScoredCases.Case(0, ScoredCases.Answer("v1", "preference", null), ScoredCases.Answer("v2", "preference", new Score(1)))]).PositionBiases.ShouldBeEmpty();

    // Cohen's kappa of 20 and 15 that both say, 5 and 10 that one says: 0.7 observed, 0.5 by chance.
    [Fact]
    public void ScoresAndPeoplesLabels_HaveCohensKappa()
    {
        (double Score, string Label)[] pairs =
        [
            .. Enumerable.Repeat((1.0, "pass"), 20), .. Enumerable.Repeat((1.0, "no"), 5), .. Enumerable.Repeat((0.0, "1"), 10), .. Enumerable.Repeat((0.0, "Fail"), 15),
        ];

        var agreement = Agreement(ScoredCases.Metric(kind: MetricKind.Pass), pairs).ShouldHaveSingleItem();

        agreement.Labels.ShouldBe(50);
        agreement.Observed!.Value.ShouldBe(0.7, 1e-12);
        agreement.Kappa!.Value.ShouldBe(0.4, 1e-12);
        agreement.Interval!.Value.Contains(0.4).ShouldBeTrue();
    }

    [Fact]
    public void RubricScores_AreTheNearestWholeNumber()
    {
        var agreement = Agreement(ScoredCases.Metric(), [(3.5, "4"), (2.4, "2"), (4.6, "4"), (1, "unsure")]).ShouldHaveSingleItem();

        (agreement.Labels, agreement.Observed).ShouldBe((3, 2 / 3.0));
    }

    [Fact]
    public void Preferences_MayBeSaidByName()
    {
        var agreement = Agreement(Preference, [(1, "v2"), (0.25, "v1"), (0.5, "tie"), (0.75, "tie")]).ShouldHaveSingleItem();

        (agreement.Labels, agreement.Observed).ShouldBe((4, 0.75));
    }

    [Fact]
    public void OneCategory_HasNoKappa()
    {
        var agreement = Agreement(ScoredCases.Metric(), [(1, "1"), (1, "1")]).ShouldHaveSingleItem();

        (agreement.Labels, agreement.Kappa, agreement.Interval, agreement.Observed).ShouldBe((2, null, null, 1));
    }

    [Fact]
    public void MetricsThatPeopleSaidNothingOf_AreLeftOut()
    {
        var cases = ScoredCases.Differing(1, 0);

        EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [ScoredCases.Metric()], cases, [Labelled(0, "other", "v2", "1")], ScoredCases.Settings).HumanAgreements.ShouldBeEmpty();
    }

    // Two models answer differently: what is said of the version is said of neither of them.
    [Fact]
    public void Labels_OfAVersionThatSeveralModelsAnswer_GoByVariantAlone()
    {
        CaseResult[] cases =
        [
            ScoredCases.Case(0, ScoredCases.Answer("v1/a", "score", new Score(1)), ScoredCases.Answer("v1/b", "score", new Score(0))),
            ScoredCases.Case(1, ScoredCases.Answer("v1/a", "score", new Score(1)), ScoredCases.Answer("v1/b", "score", new Score(0))),
        ];

        var agreement = EvaluationComparison.Compare(
            ScoredCases.Variants("v1/a", "v1/b"), [ScoredCases.Metric()], cases, [Labelled(0, "score", "v1", "1"), Labelled(1, "score", "v1/b", "0")], ScoredCases.Settings).HumanAgreements.ShouldHaveSingleItem();

        (agreement.Labels, agreement.Observed).ShouldBe((1, 1.0));
    }

    private static CaseResult[] Judged(params IEnumerable<(double First, double Second)> orders) =>
    [
        .. orders.Select((order, index) => ScoredCases.Case(
            index,
            ScoredCases.Answer("v1", "preference", null),
            ScoredCases.Answer("v2", "preference", new Score((order.First + order.Second) / 2) { Orders = new OrderedVerdicts(order.First, order.Second) }))),
    ];

    private static ComparisonResult Compare(Metric metric, CaseResult[] cases) => EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [metric], cases, [], ScoredCases.Settings);

    private static IReadOnlyList<HumanAgreement> Agreement(Metric metric, (double Score, string Label)[] pairs)
    {
        CaseResult[] cases =
        [
            .. pairs.Select((pair, index) => ScoredCases.Case(index, ScoredCases.Answer("v1", metric.Name, null), ScoredCases.Answer("v2", metric.Name, new Score(pair.Score)))),
        ];
        return EvaluationComparison.Compare(
            ScoredCases.Variants("v1", "v2"), [metric], cases, [.. pairs.Select((pair, index) => Labelled(index, metric.Name, "v2", pair.Label))], ScoredCases.Settings).HumanAgreements;
    }

    private static EvaluationCase Labelled(int number, string metric, string version, string label) => new()
    {
        Id = $"{number}",
        Line = 1,
        Variables = new Dictionary<string, string>(),
        Human = new Dictionary<string, IReadOnlyDictionary<string, string>> { [metric] = new Dictionary<string, string> { [version] = label } },
    };
}
