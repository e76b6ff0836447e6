using System.Globalization;
using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Comparison;

/// <summary>Cases whose answers have been scored, and what the evaluator says of them.</summary>
internal static class ScoredCases
{
    public const string Baseline = "v1";
    public const string Variant = "v2";

    public static ComparisonSettings Settings => new() { Seed = 1 };

    public static Variant[] Variants(params IEnumerable<string> names) =>
        [.. names.Select(name => new Variant { Name = name, Version = name.Split('/')[0], ContentHash = name })];

    public static Metric Metric(string name = "score", MetricKind kind = MetricKind.Score, MetricDirection direction = MetricDirection.HigherIsBetter) =>
        new() { Name = name, Type = name, Kind = kind, Direction = direction };

    public static AnswerResult Answer(string variant, string metric, Score? score, int repeat = 1) => new()
    {
        Variant = variant,
        Repeat = repeat,
        Answer = new Answer { Text = "", Model = "m", Provider = "p", LatencyMs = 1, RequestId = "r" },
        Scores = score is null ? [] : new Dictionary<string, Score> { [metric] = score },
    };

    public static AnswerResult FailedAnswer(string variant, int repeat = 1) => new() { Variant = variant, Repeat = repeat, Failure = "503" };

    public static CaseResult Case(int number, params IReadOnlyList<AnswerResult> answers) =>
        new() { Id = number.ToString(CultureInfo.InvariantCulture), Variables = new Dictionary<string, string>(), Answers = answers };

    /// <summary>A case each, with a score of both.</summary>
    public static CaseResult[] Of(IReadOnlyList<double> baseline, IReadOnlyList<double> variant, string metric = "score") =>
        [.. baseline.Zip(variant).Select((pair, index) => Case(index, Answer(Baseline, metric, new Score(pair.First)), Answer(Variant, metric, new Score(pair.Second))))];

    /// <summary>A case each, whose scores differ by this much.</summary>
    public static CaseResult[] Differing(params IReadOnlyList<double> differences) => Of(new double[differences.Count], differences);

    public static MetricComparison Compare(IReadOnlyList<CaseResult> cases, Metric? metric = null, ComparisonSettings? settings = null) =>
        EvaluationComparison.Compare(Variants(Baseline, Variant), [metric ?? Metric()], cases, settings ?? Settings)[0];
}
