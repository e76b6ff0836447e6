using System.Text.Json;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Publishing;

/// <summary>An evaluation that never was: two variants, three cases, two repeats of the first one, with everything that a result can have.</summary>
internal static class SomeEvaluation
{
    public const string Id = "0199f3a2-7c51-7d10-9b7e-2f0c1d5e6a70";

    public static readonly DateTimeOffset StartedAt = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

    /// <summary>It, with a gate of a status.</summary>
    public static EvaluationResult Of(GateStatus status = GateStatus.Passed) => new()
    {
        Id = Id,
        Prompt = "summarizer",
        StartedAt = StartedAt,
        EndedAt = StartedAt.AddMinutes(1),
        Run = new RunFacts
        {
            Gateway = "http://localhost:8080/",
            Dataset = "dataset.jsonl",
            DatasetHash = "9f2c",
            Filter = ["tag=hard"],
            Sample = 3,
            Seed = 7,
            Repeats = 2,
            Concurrency = 4,
            Confidence = 0.95,
            MinCases = 10,
            MaxCostUsd = 1.5m,
            CostUsd = 0.0012m,
            UnpricedCalls = 1,
            Calls = 7,
            Reused = 2,
            AskingSeconds = 12.5,
            EndedEarly = "interrupted",
        },
        Variants =
        [
            new Variant { Name = "v1", Version = "v1", ContentHash = "ab", Parameters = Parameters("""{"temperature":0.2,"stop":["END"]}""") },
            new Variant { Name = "v2/gpt-4o", Version = "v2", Model = "gpt-4o", ContentHash = "cd" },
        ],
        Metrics =
        [
            new Metric { Name = "rouge_l", Type = "rouge_l", Kind = MetricKind.Score, Direction = MetricDirection.HigherIsBetter },
            new Metric
            {
                Name = "polite?", Type = "judge", Kind = MetricKind.Pass, Direction = MetricDirection.HigherIsBetter, IsPairwise = true, Unit = "points",
                Settings = JsonElement.Parse("""{"rubric":"polite"}"""), Judge = "answer-judge@v1",
            },
        ],
        Cases =
        [
            new CaseResult
            {
                Id = "a", Variables = new Dictionary<string, string> { ["text"] = "Größe \"A\"" }, Expected = JsonElement.Parse("\"Size A\""), References = ["Size A", "A"], Tags = ["hard"], Weight = 2,
                Answers = [Answered("v1", 1, 0.4, 1), Answered("v1", 2, 0.5, 0), Answered("v2/gpt-4o", 1, 0.8, 1), Answered("v2/gpt-4o", 2, 0.9, 1)],
            },
            new CaseResult
            {
                Id = "b", Variables = new Dictionary<string, string> { ["text"] = "B" }, Expected = JsonElement.Parse("""{"size":1}"""),
                Answers = [Answered("v1", 1, 0.25, 1), new AnswerResult { Variant = "v2/gpt-4o", Repeat = 1, Failure = "TARGET_UNAVAILABLE: nobody answers" }],
            },
            new CaseResult
            {
                Id = "c", Variables = new Dictionary<string, string>(),
                Answers =
                [
                    new AnswerResult { Variant = "v1", Repeat = 1, Answer = Answer("C") with { CostUsd = null, InputTokens = null, OutputTokens = null, ToolCalls = [new AnswerToolCall("look_up", "{\"q\":1}")] }, Scores = new Dictionary<string, Score> { ["rouge_l"] = Score.Failed("the judge gave no JSON") } },
                ],
            },
        ],
        Summaries =
        [
            new MetricSummary { Variant = "v1", Metric = "rouge_l", Cases = 2, Missing = 1, Mean = 0.35, Interval = new Interval(0.1, 0.6), Median = 0.35, P95 = 0.45, StandardDeviation = 0.14 },
            new MetricSummary { Variant = "v2/gpt-4o", Metric = "rouge_l", Cases = 1, Missing = 2, Mean = 0.85 },
            new MetricSummary { Variant = "v2/gpt-4o", Metric = "polite?", Cases = 1, Missing = 0, Mean = 1 },
        ],
        Comparisons =
        [
            new MetricComparison
            {
                Baseline = "v1", Variant = "v2/gpt-4o", Metric = "rouge_l", Cases = 1, Missing = 2, BaselineMean = 0.45, VariantMean = 0.85, Difference = 0.4, Interval = new Interval(-0.1, 0.9),
                Test = "mcnemar_mid_p", PValue = 0.03, ExactPValue = 0.04, AdjustedPValue = 0.06, EffectSize = 0.9, EffectSizeName = "cohens_g", Wins = 1, Ties = 0, Losses = 0,
                DetectableDifference = 0.5, CasesNeeded = 80, Verdict = Verdict.Better, Words = "better: 0.4 more",
            },
            new MetricComparison { Baseline = "v1", Variant = "v2/gpt-4o", Metric = "rouge_l", Tag = "hard", Cases = 1, Missing = 0, Difference = 0.77, Verdict = Verdict.TooFewCases, Words = "too few cases" },
        ],
        PositionBiases = [new PositionBias("polite?", "v2/gpt-4o", 3, 1, 2, 0, 0.5)],
        HumanAgreements = [new HumanAgreement("polite?", 4, -0.1, new Interval(-0.6, 0.4), 0.5)],
        Gate = new GateOutcome(status, [new RuleOutcome("rouge_l drops > 0.02", true, "it rises by 0.4")], ["1 answer is missing"]),
    };

    private static AnswerResult Answered(string variant, int repeat, double rouge, double polite) => new()
    {
        Variant = variant,
        Repeat = repeat,
        Answer = Answer($"{variant} says {repeat}"),
        Scores = new Dictionary<string, Score> { ["rouge_l"] = new(rouge), ["polite?"] = new(polite, "it says please") { Orders = new OrderedVerdicts(1, 0.5) } },
    };

    private static Answer Answer(string text) => new()
    {
        Text = text, Model = "gpt-4o-2024-08-06", Provider = "openai", FinishReason = "stop", LatencyMs = 250, InputTokens = 20, OutputTokens = 10, CostUsd = 0.0002m, RequestId = "r-1",
    };

    private static Dictionary<string, JsonElement> Parameters(string json) => JsonElement.Parse(json).EnumerateObject().ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
}
