using System.Globalization;
using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>How often the evaluator's verdicts are right.</summary>
/// <param name="evaluations">Of each scenario, without a difference and with one.</param>
/// <param name="seed">The same seed gives the same figures.</param>
internal sealed class EvaluationSimulation(int evaluations, int seed)
{
    // Below are those of experiments.
    private const int FirstSeries = 10_000;

    private const string Baseline = "v1";
    private const string Variant = "v2";

    private static readonly Variant[] Variants =
        [new() { Name = Baseline, Version = Baseline, ContentHash = "1" }, new() { Name = Variant, Version = Variant, ContentHash = "2" }];

    private static readonly Answer Answer = new() { Text = "", Model = "simulated", Provider = "simulated", LatencyMs = 1, RequestId = "simulated" };

    /// <summary>Runs all scenarios whose name begins so, and prints a line for each.</summary>
    public void Run(string only)
    {
        Console.WriteLine("| evaluations | cases | better or worse without a difference | interval covers | difference | found |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        for (var index = 0; index < EvaluationScenario.All.Count; index++)
        {
            var scenario = EvaluationScenario.All[index];
            if (!scenario.Data.StartsWith(only, StringComparison.Ordinal))
            {
                continue;
            }

            var none = Compare(scenario, 0, evaluations, 10 * index);
            var difference = Detectable(scenario, none, index);
            var some = Compare(scenario, difference, evaluations, (10 * index) + 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {scenario.Data} | {scenario.Cases} | {Share(none, each => each.Any(IsSaid)):0.0 %} | {Share(some, each => each[0].Interval?.Contains(difference) == true):0.0 %} | {difference:0.000} | {Share(some, each => IsSaid(each[0]) && each[0].Difference > 0):0.0 %} |"));
        }
    }

    // What evaluations state that they would see, where it is there: a difference may spread the scores, so that it is approached in steps.
    private double Detectable(EvaluationScenario scenario, IReadOnlyList<MetricComparison>[] none, int index)
    {
        var difference = Stated(none);
        for (var step = 2; step < 5; step++)
        {
            difference = Stated(Compare(scenario, difference, Math.Min(evaluations, 500), (10 * index) + step));
        }

        return difference;
    }

    private static double Stated(IReadOnlyList<MetricComparison>[] outcomes) => outcomes.Select(comparisons => comparisons[0].DetectableDifference).OfType<double>().Average();

    private static bool IsSaid(MetricComparison comparison) => comparison.Verdict is Verdict.Better or Verdict.Worse;

    private static double Share(IReadOnlyList<MetricComparison>[] outcomes, Func<IReadOnlyList<MetricComparison>, bool> holds) => outcomes.Count(holds) / (double)outcomes.Length;

    private IReadOnlyList<MetricComparison>[] Compare(EvaluationScenario scenario, double difference, int count, int series)
    {
        Metric[] metrics =
        [
            .. Enumerable.Range(1, scenario.Metrics).Select(number => new Metric
            {
                Name = $"metric {number}", Type = "simulated", Kind = scenario.Kind, Direction = MetricDirection.HigherIsBetter, IsPairwise = scenario.IsPairwise,
            }),
        ];
        var outcomes = new IReadOnlyList<MetricComparison>[count];
        Parallel.For(0, count, evaluation =>
        {
            var random = SeededRandom.Of(seed, FirstSeries + series, evaluation);
            CaseResult[] cases = [.. Enumerable.Range(0, scenario.Cases).Select(number => Case(scenario, metrics, difference, number, random))];
            outcomes[evaluation] = EvaluationComparison.Compare(Variants, metrics, cases, new ComparisonSettings { Seed = evaluation });
        });
        return outcomes;
    }

    private static CaseResult Case(EvaluationScenario scenario, Metric[] metrics, double difference, int number, SeededRandom random)
    {
        (string Name, Func<double> Baseline, Func<double> Variant)[] drawn =
        [
            .. metrics.Select((metric, index) =>
            {
                var (baseline, variant) = scenario.Case(random, index == 0 ? difference : 0);
                return (metric.Name, baseline, variant);
            }),
        ];
        return new CaseResult
        {
            Id = number.ToString(CultureInfo.InvariantCulture),
            Variables = new Dictionary<string, string>(),
            Weight = scenario.Weights[number % scenario.Weights.Count],
            Answers =
            [
                .. Enumerable.Range(1, scenario.Repeats).Select(repeat => Scored(
                    Baseline, repeat, drawn.Where(_ => !scenario.IsPairwise).ToDictionary(each => each.Name, each => new Score(each.Baseline())))),
                .. Enumerable.Range(1, scenario.Repeats).Select(repeat => Scored(Variant, repeat, drawn.ToDictionary(each => each.Name, each => new Score(each.Variant())))),
            ],
        };
    }

    private static AnswerResult Scored(string variant, int repeat, Dictionary<string, Score> scores) => new() { Variant = variant, Repeat = repeat, Answer = Answer, Scores = scores };
}
