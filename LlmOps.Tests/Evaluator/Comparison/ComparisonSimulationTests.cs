using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Statistics;

namespace LlmOps.Tests.Evaluator.Comparison;

/// <summary>Small simulations by fixed seeds; benchmarks/LlmOps.Benchmarks.Statistics has the large ones.</summary>
public sealed class ComparisonSimulationTests
{
    private const int Evaluations = 400;

    // Of 400: within four standard errors.
    private const int Four = 18;

    [Fact]
    public void NoDifference_IsSeldomCalledOneByAnyMetric()
    {
        var random = new Random(31);
        Metric[] metrics = [ScoredCases.Metric("rubric"), ScoredCases.Metric("pass", MetricKind.Pass), ScoredCases.Metric("amount", MetricKind.Amount)];

        var said = Enumerable.Range(0, Evaluations).Count(evaluation => EvaluationComparison.Compare(
            ScoredCases.Variants("v1", "v2"), metrics, [.. Enumerable.Range(0, 30).Select(number => Case(random, metrics, number))], new ComparisonSettings { Seed = evaluation })
            .Any(comparison => comparison.Verdict is not Verdict.NoDifference));

        said.ShouldBeInRange((int)(0.05 * Evaluations) - Four, (int)(0.05 * Evaluations) + Four);
    }

    [Theory]
    [InlineData(MetricKind.Score, 0.5)]
    [InlineData(MetricKind.Pass, 0.18)]
    [InlineData(MetricKind.Amount, 120)]
    public void DetectableDifference_IsFoundEightTimesOutOfTen(object kind, double about)
    {
        var random = new Random(32);
        var metric = ScoredCases.Metric(kind: (MetricKind)kind);
        MetricComparison[] Compare(int evaluations, double difference) =>
        [
            .. Enumerable.Range(0, evaluations).Select(evaluation => ScoredCases.Compare(Cases(random, metric.Kind, difference), metric, new ComparisonSettings { Seed = evaluation })),
        ];

        var difference = Compare(100, about).Average(comparison => comparison.DetectableDifference!.Value);
        var comparisons = Compare(Evaluations, difference);

        // Five standard errors, and what normal approximations are off by.
        comparisons.Count(comparison => comparison.Verdict == Verdict.Better).ShouldBeInRange((int)(0.72 * Evaluations), (int)(0.89 * Evaluations));
        comparisons.Count(comparison => comparison.Interval!.Value.Contains(difference)).ShouldBeInRange((int)(0.95 * Evaluations) - Four, (int)(0.95 * Evaluations) + Four);
    }

    private static CaseResult Case(Random random, Metric[] metrics, int number)
    {
        var middle = 2.5 + Draws.Normal(random, 1)[0];
        AnswerResult Answer(string variant) => ScoredCases.Answer(variant, "", null) with
        {
            Scores = metrics.ToDictionary(metric => metric.Name, metric => new Score(Value(metric.Kind, middle + (0.5 * Draws.Normal(random, 1)[0])))),
        };
        return ScoredCases.Case(number, Answer("v1"), Answer("v2"));
    }

    private static double Value(MetricKind kind, double quality) => kind switch
    {
        MetricKind.Score => Math.Clamp(Math.Round(quality), 1, 5),
        MetricKind.Pass => quality > 2.5 ? 1 : 0,
        _ => Math.Exp(quality),
    };

    private static CaseResult[] Cases(Random random, MetricKind kind, double difference)
    {
        switch (kind)
        {
            case MetricKind.Score:
                return ScoredCases.Of(Draws.Normal(random, 30, 0, 0.7), Draws.Normal(random, 30, difference, 0.7));

            // 30 % differ, and one way rather than the other.
            case MetricKind.Pass:
                double[] chances = [.. Enumerable.Range(0, 80).Select(_ => random.NextDouble())];
                return ScoredCases.Of(Passes(chances, chance => chance < (0.3 - difference) / 2), Passes(chances, chance => chance >= (0.3 - difference) / 2 && chance < 0.3));

            default:
                return ScoredCases.Of(Array.ConvertAll(Draws.LogNormal(random, 30), value => 200 * value), Array.ConvertAll(Draws.LogNormal(random, 30), value => (200 * value) + difference));
        }
    }

    // Those that neither decides are passed by both.
    private static double[] Passes(double[] chances, Func<double, bool> isAlone) => Array.ConvertAll(chances, chance => chance >= 0.3 || isAlone(chance) ? 1.0 : 0);
}
