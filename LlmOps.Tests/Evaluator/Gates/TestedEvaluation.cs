using LlmOps.Evaluator.Gates;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Gates;

/// <summary>An evaluation of v1 and others by quality, a score, and latency, in ms; made up.</summary>
internal static class TestedEvaluation
{
    /// <summary>It, with the variants and comparisons that are given, and ten cases, of which the last two are hard.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="comparisons">What came of them.</param>
    public static GateFacts Of(IReadOnlyList<string> variants, params MetricComparison[] comparisons) => new()
    {
        Variants = [.. variants.Select(name => new Variant { Name = name, Version = name, ContentHash = "hash" })],
        Metrics = [Metric("quality", MetricDirection.HigherIsBetter, true), Metric("latency", MetricDirection.LowerIsBetter, false)],
        Cases = [.. Enumerable.Range(1, 10).Select(number => Case(number, variants))],
        Repeats = 1,
        Confidence = 0.95,
        Summaries = [.. variants.Select(name => new MetricSummary { Variant = name, Metric = "quality", Cases = 10, Missing = 0, Mean = 0.8 })],
        Comparisons = comparisons,
    };

    /// <summary>A comparison with v1.</summary>
    public static MetricComparison Comparison(string metric, double baseline, double variant, double? p = null, int cases = 10, string? tag = null, string of = "v2", Verdict verdict = Verdict.NoDifference) => new()
    {
        Baseline = "v1",
        Variant = of,
        Metric = metric,
        Tag = tag,
        Cases = cases,
        Missing = 0,
        BaselineMean = baseline,
        VariantMean = variant,
        Difference = variant - baseline,
        AdjustedPValue = p,
        Verdict = verdict,
        Words = "",
    };

    /// <summary>A metric.</summary>
    public static Metric Metric(string name, MetricDirection direction, bool isQuality) => new() { Name = name, Type = name, Kind = MetricKind.Score, Direction = direction, IsQuality = isQuality };

    /// <summary>It with some answers, or scores of quality, missing: of v2, from the first case on.</summary>
    public static GateFacts Without(this GateFacts facts, int answers, int scores = 0) => facts with
    {
        Cases = [.. facts.Cases.Select((each, index) => each with { Answers = [.. each.Answers.Select(answer => answer.Variant != "v2" ? answer : index < answers ? Failed(answer) : index < answers + scores ? Unscored(answer) : answer)] })],
    };

    private static AnswerResult Failed(AnswerResult answer) => new() { Variant = answer.Variant, Repeat = answer.Repeat, Failure = "The gateway did not answer." };

    private static AnswerResult Unscored(AnswerResult answer) => answer with { Scores = new Dictionary<string, Score> { ["quality"] = Score.Failed("The judge did not answer.") } };

    private static CaseResult Case(int number, IReadOnlyList<string> variants) => new()
    {
        Id = $"c{number}",
        Variables = new Dictionary<string, string>(),
        Tags = number > 8 ? ["hard"] : [],
        Weight = number,
        Answers =
        [
            .. variants.Select(name => new AnswerResult
            {
                Variant = name,
                Repeat = 1,
                Answer = new Answer { Text = "x", Model = "m", Provider = "p", LatencyMs = 1, RequestId = "r" },
                Scores = new Dictionary<string, Score> { ["quality"] = new(number / 10.0) },
            }),
        ],
    };
}
