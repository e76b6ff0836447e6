using System.Text.Json;
using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Reports;

/// <summary>
/// An evaluation as it could have been: metrics of all kinds, tags, repeats, missing answers and scores, judges' reasons, and texts that want to be
/// more than texts. Its summaries and comparisons are computed from its scores.
/// </summary>
internal sealed class SampleResults
{
    /// <summary>What must be shown, and never run.</summary>
    public const string Script = "</script><script>window.broken = 1</script><img src=x onerror=\"window.broken = 1\"><!-- @everyone #1 | `code` **bold** [red]x[/] ![i](http://example.invalid/x.png)";

    public const string RightToLeft = "שלום עולם \u202Eesrever\u202C 👩‍👩‍👧‍👦 مرحبا";

    private static readonly string[] Words =
        "the gateway answers a question in plain words and names its source where one is known otherwise it says that nothing was found in the text it had".Split(' ');

    private static readonly string[][] Tags = [["easy"], ["hard"], ["easy", "short"], ["hard", "long"]];

    private readonly Random _random = new(20);
    private readonly int _cases;
    private readonly int _repeats;
    private readonly bool _isPlain;
    private readonly string[] _variants;

    private SampleResults(int cases, int repeats, bool isPlain, string[] variants) => (_cases, _repeats, _isPlain, _variants) = (cases, repeats, isPlain, variants);

    private static Metric[] Metrics { get; } =
    [
        new() { Name = "rouge_l", Type = "rouge_l", Kind = MetricKind.Score, Direction = MetricDirection.HigherIsBetter },
        new() { Name = "tone [strict]", Type = "judge", Kind = MetricKind.Score, Direction = MetricDirection.HigherIsBetter, Judge = "answer-judge@v1" },
        new() { Name = "preference", Type = "pairwise", Kind = MetricKind.Score, Direction = MetricDirection.HigherIsBetter, IsPairwise = true, Judge = "pair-judge@v1" },
        new() { Name = "json_valid", Type = "json_valid", Kind = MetricKind.Pass, Direction = MetricDirection.HigherIsBetter },
        new() { Name = "latency", Type = "latency", Kind = MetricKind.Amount, Direction = MetricDirection.LowerIsBetter, IsQuality = false, Unit = "ms" },
        new() { Name = "cost", Type = "cost", Kind = MetricKind.Amount, Direction = MetricDirection.LowerIsBetter, IsQuality = false, Unit = "USD" },
        new() { Name = "output_tokens", Type = "tokens", Kind = MetricKind.Amount, Direction = MetricDirection.LowerIsBetter, IsQuality = false, Unit = "tokens" },
    ];

    /// <summary>Three versions, with all that can be awkward.</summary>
    public static EvaluationResult Create(int cases = 48, int repeats = 2) => new SampleResults(cases, repeats, isPlain: false, ["v1", "v2", "v3"]).Make();

    /// <summary>Two versions, of which nothing is missing and no text is awkward.</summary>
    public static EvaluationResult Plain(int cases = 48) => new SampleResults(cases, 1, isPlain: true, ["v1", "v2"]).Make();

    /// <summary>One version, compared with none.</summary>
    public static EvaluationResult Single() => new SampleResults(12, 1, isPlain: true, ["v2"]).Make();

    private EvaluationResult Make()
    {
        CaseResult[] cases = [.. Enumerable.Range(0, _cases).Select(Case)];
        Variant[] variants = [.. _variants.Select(variant => new Variant { Name = variant, Version = variant, ContentHash = $"{variant}c0ffee", Parameters = new Dictionary<string, JsonElement> { ["temperature"] = JsonElement.Parse("0.2") } })];
        var compared = EvaluationComparison.Compare(variants, Metrics, cases, [.. cases.Select(each => new EvaluationCase { Id = each.Id, Line = 1, Variables = each.Variables })], new ComparisonSettings { Seed = 7 });
        var worse = compared.Comparisons.Count(comparison => comparison is { Verdict: Verdict.Worse, Tag: null });
        return new EvaluationResult
        {
            Id = "0193a5c2-7d10-7b3e-9a44-5d1f0c6b2e11",
            Prompt = "summarizer",
            StartedAt = new DateTimeOffset(2026, 11, 28, 9, 30, 0, TimeSpan.Zero),
            EndedAt = new DateTimeOffset(2026, 11, 28, 9, 31, 42, 500, TimeSpan.Zero),
            Run = new RunFacts
            {
                Gateway = "https://gateway.example",
                Dataset = "dataset.jsonl",
                DatasetHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                Filter = [],
                Seed = 7,
                Repeats = _repeats,
                Concurrency = 16,
                Confidence = 0.95,
                MinCases = ComparisonSettings.DefaultMinCases,
                AskingSeconds = 101.2,
                CostUsd = cases.SelectMany(each => each.Answers).Sum(answer => answer.Answer?.CostUsd ?? 0),
                UnpricedCalls = 0,
                Calls = _cases * _repeats * _variants.Length,
                Reused = 12,
            },
            Variants = variants,
            Metrics = Metrics,
            Cases = cases,
            Summaries = compared.Summaries,
            Comparisons = compared.Comparisons,
            PositionBiases = [.. _variants.Skip(1).Select(variant => new PositionBias("preference", variant, 40, 31, 7, 2, 0.1797))],
            HumanAgreements = [new HumanAgreement("tone [strict]", 36, 0.62, new Interval(0.41, 0.83), 0.81)],
            Gate = _isPlain
                ? new GateOutcome(GateStatus.Passed, [], [])
                : new GateOutcome(
                    GateStatus.Incomplete,
                    [new RuleOutcome("rouge_l drops > 0.02 significantly", true, "rouge_l of v2 rose by 0.07."), new RuleOutcome("latency rises > 10 %", worse == 0, $"{worse} metrics are worse, latency among them.")],
                    ["2 answers of v2 are missing.", $"A judge said: {Script}"]),
        };
    }

    private CaseResult Case(int index)
    {
        var skill = _random.NextDouble();
        var input = Sentence(30);
        return new CaseResult
        {
            Id = !_isPlain && index == 3 ? $"case-003 {Script}" : $"case-{index:000}",
            Variables = new Dictionary<string, string> { ["text"] = !_isPlain && index == 4 ? RightToLeft : $"Text {index}: {input}" },
            Expected = index % 3 == 0 ? JsonElement.Parse("""{"summary":"<b>short</b>"}""") : JsonElement.Parse($"\"{Sentence(8)}\""),
            References = [Sentence(8)],
            Tags = Tags[index % Tags.Length],
            Answers = [.. _variants.SelectMany((_, variant) => Enumerable.Range(1, _repeats).Select(repeat => Answered(index, variant, repeat, skill)))],
        };
    }

    private AnswerResult Answered(int index, int variant, int repeat, double skill)
    {
        if (!_isPlain && index == 7 && variant == 1)
        {
            return new AnswerResult { Variant = _variants[variant], Repeat = repeat, Failure = "The provider did not answer within 30 s." };
        }

        var tokens = 40 + _random.Next(120) + (variant * 25);
        var cost = tokens * 0.0000024m;
        var latency = Math.Round(280 * Math.Exp(_random.NextDouble() + (variant * 0.12)), 1);
        var rouge = Math.Clamp((skill * 0.5) + (_random.NextDouble() * 0.3) + (variant == 1 ? 0.07 : 0), 0, 1);
        var scores = new Dictionary<string, Score>
        {
            ["rouge_l"] = new(rouge),
            ["tone [strict]"] = !_isPlain && index % 17 == 5 ? Score.Failed("The judge's answer is no JSON: it begins with <.") : new(_random.Next(1, 6) / 5.0, $"Says what it knows. {(index % 9 == 3 && !_isPlain ? Script : "The tone is even.")}"),
            ["json_valid"] = Score.Of(_random.NextDouble() < 0.7 + (variant * 0.08)),
            ["latency"] = new(latency),
            ["cost"] = new((double)cost),
            ["output_tokens"] = new(tokens),
        };
        if (variant > 0)
        {
            var first = _random.Next(3) / 2.0;
            scores["preference"] = new Score((first + 1) / 2, "The second is clearer.") { Orders = new OrderedVerdicts(first, 1) };
        }

        return new AnswerResult
        {
            Variant = _variants[variant],
            Repeat = repeat,
            Answer = new Answer
            {
                Text = Text(index, variant),
                Model = "small-model-2026",
                Provider = "example",
                FinishReason = "stop",
                LatencyMs = latency,
                InputTokens = 210,
                OutputTokens = tokens,
                CostUsd = cost,
                RequestId = $"req-{index}-{variant}-{repeat}",
                ToolCalls = !_isPlain && index == 2 ? [new AnswerToolCall("search", """{"query":"</script>"}""")] : [],
            },
            Scores = scores,
        };
    }

    private string Text(int index, int variant) => (_isPlain ? -1 : index) switch
    {
        3 => $"=1+1 {Script}",
        4 => RightToLeft,
        5 => string.Concat(Enumerable.Repeat($"{_variants[variant]} says a lot, {Sentence(12)}. ", 1200)),
        6 => "control \u0001\u0008 characters \uD800 and\na line break\twith a tab",
        8 => "",
        9 => "Both say the very same.",
        _ => $"Answer {index}: {Sentence(30)} by {_variants[variant]}.",
    };

    private string Sentence(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[_random.Next(Words.Length)]));
}
