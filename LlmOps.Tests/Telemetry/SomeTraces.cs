using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Tests.Telemetry;

/// <summary>Requests that are over, made up, with all that there is to know of them.</summary>
internal static class SomeTraces
{
    public const string RootSpan = "00f067aa0ba902b7";
    public const string GuardrailSpan = "1111111111111111";
    public const string FailedSpan = "2222222222222222";
    public const string AnsweringSpan = "3333333333333333";
    public const string JudgingSpan = "4444444444444444";
    public const string JudgeSpan = "5555555555555555";
    public const string W3CTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
    public const string Question = "What does \"Größe 🌈\" mean?";
    public const string Reply = "Size, and a rainbow.";

    /// <summary>When they arrived.</summary>
    public static readonly DateTimeOffset At = new(2026, 11, 20, 9, 30, 0, 250, TimeSpan.Zero);

    /// <summary>What was said.</summary>
    public static TraceContent Content { get; } = new([new TraceMessage("system", "Be brief."), new TraceMessage("user", Question)], Reply);

    /// <summary>One that a second provider answered, after a first had failed.</summary>
    public static RequestTrace Answered(bool streaming = true) => new()
    {
        Request = Entry() with { Stream = streaming, FirstChunkMs = streaming ? 120 : null },
        TraceId = W3CTrace,
        Status = 200,
        Configuration = "abcdef012345",
        Parameters = new TraceParameters { Temperature = 0.7f, MaxTokens = 100, TopP = 0.5f, Seed = 7, Stop = ["END"], OutputType = "json" },
        ResponseModel = "gpt-4o-mini-2024-07-18",
        FinishReason = "stop",
        Semantic = new TraceSimilarity("shadow", 0.91, "words"),
        Guardrails = ["pii_email"],
        Degraded = ["redis"],
        Spans =
        [
            Span(RootSpan, "POST /chat", "server", 0, 500) with { Parent = "cccccccccccccccc" },
            Span(GuardrailSpan, TelemetryNames.InputGuardrails, "internal", 1, 2) with { Parent = RootSpan, Attributes = new Dictionary<string, object> { [TelemetryNames.Guardrails] = new[] { "pii_email" } } },
            Span(FailedSpan, "chat gemini-2.5-flash", "client", 5, 50) with
            {
                Parent = RootSpan, Error = "rate_limited", Call = new LedgerAttempt(TelemetryNames.Chat, "gemini", "gemini-2.5-flash", "rate_limited", null, null, null, false, 50),
            },
            Span(AnsweringSpan, "chat gpt-4o-mini", "client", 60, 430) with
            {
                Parent = RootSpan,
                Call = new LedgerAttempt(TelemetryNames.Chat, "openai", "gpt-4o-mini", LedgerEntry.Ok, 1234, 56, new NanoUsd(218_700), false, 430),
                FirstChunkAt = streaming ? At.AddMilliseconds(120) : null,
                Attributes = new Dictionary<string, object> { [TelemetryNames.Attempt] = 2L, [TelemetryNames.InputTokens] = 1234L, [TelemetryNames.CacheReadTokens] = 1000L, [TelemetryNames.UpstreamRequestId] = "req-9" },
            },
        ],
    };

    /// <summary>One that a cache answered.</summary>
    public static RequestTrace Cached() => Answered() with
    {
        Request = Entry() with { Cache = "hit-semantic", InputTokens = null, OutputTokens = null, Cost = new NanoUsd(0), Saved = new NanoUsd(218_700) },
        Spans = [Span(RootSpan, "POST /chat", "server", 0, 3), Span(GuardrailSpan, TelemetryNames.SemanticCache, "internal", 1, 2) with { Parent = RootSpan }],
    };

    /// <summary>One whose answer a judge was asked about.</summary>
    public static RequestTrace Judged()
    {
        var answered = Answered();
        return answered with
        {
            Spans =
            [
                .. answered.Spans,
                Span(JudgingSpan, TelemetryNames.OutputGuardrails, "internal", 490, 9) with { Parent = RootSpan },
                answered.Spans[3] with { Id = JudgeSpan, Parent = JudgingSpan, FirstChunkAt = null },
            ],
        };
    }

    /// <summary>One that nobody answered.</summary>
    public static RequestTrace Failed()
    {
        var answered = Answered(streaming: false);
        return answered with
        {
            Request = Entry() with { Outcome = "provider_rate_limited", InputTokens = null, OutputTokens = null, Cost = null },
            Status = 503,
            Reason = "All providers are busy.",
            Spans = [answered.Spans[0] with { Error = "provider_rate_limited" }, answered.Spans[1], answered.Spans[2]],
        };
    }

    /// <summary>A score of a request.</summary>
    public static ScoreGiven Score(RequestTrace request, double value = 0.5, string name = "helpful") => new()
    {
        Id = Guid.CreateVersion7(),
        RequestId = request.Request.Id,
        At = At.AddMinutes(1),
        Name = name,
        Value = value,
        Comment = "well said",
        Source = ScoreGiven.Feedback,
        Prompt = "summarizer",
        PromptVersion = "v2",
    };

    private static TraceSpan Span(string id, string name, string kind, double begins, double takes) =>
        new() { Id = id, Name = name, Kind = kind, StartedAt = At.AddMilliseconds(begins), DurationMs = takes };

    private static LedgerEntry Entry() => new()
    {
        Id = Guid.CreateVersion7(At),
        At = At,
        RequestId = "the-callers-id",
        Endpoint = "/chat",
        Tenant = "acme",
        Team = "search",
        User = "ada@acme.example",
        Key = "key_1",
        Subject = "key:key_1",
        Model = "fast",
        Provider = "openai",
        ProviderModel = "gpt-4o-mini",
        Prompt = "summarizer",
        PromptVersion = "v2",
        Variant = "brief",
        Experiment = "shorter",
        Outcome = LedgerEntry.Ok,
        Cache = "miss",
        InputTokens = 1234,
        OutputTokens = 56,
        Cost = new NanoUsd(218_700),
        DurationMs = 500,
        UserLabel = "ada",
        Session = "session-1",
    };
}
