using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Tests.Telemetry;

/// <summary>Requests that are over, by number: the same number is the same request.</summary>
internal static class MoreTraces
{
    /// <summary>When the requests arrived, but for their number of seconds.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 27, 10, 0, 0, TimeSpan.Zero);

    /// <summary>Prompt and answer.</summary>
    public static readonly TraceContent Content = new([new("system", "Be brief."), new("user", "Größe?")], "1,80 m 🌈");

    /// <summary>Answered by a provider, at the second attempt; it took 500 ms, of which 100 + 300 were calls.</summary>
    public static RequestTrace Answered(int number, bool streaming = false, TraceContent? content = null)
    {
        var failed = new LedgerAttempt("chat", "openai", "gpt-4o", "upstream_error", null, null, new NanoUsd(0), false, 100);
        var taken = new LedgerAttempt("chat", "groq", "llama", LedgerEntry.Ok, 12, 30, new NanoUsd(123_456_789), streaming, 300);
        var request = Request(number, "miss", 500) with
        {
            Stream = streaming,
            FirstChunkMs = streaming ? 250 : null,
            Provider = "groq",
            ProviderModel = "llama",
            InputTokens = 12,
            OutputTokens = 30,
            Cost = new NanoUsd(123_456_789),
            IsEstimated = streaming,
        };
        return Trace(request, [Call(request, 3, failed), Call(request, 4, taken)]) with { Content = content };
    }

    /// <summary>Answered by the cache, in 20 ms: no tokens, no cost.</summary>
    public static RequestTrace Cached(int number, string cache, bool streaming = false)
    {
        var request = Request(number, cache, 20) with { Stream = streaming, FirstChunkMs = streaming ? 15 : null, Cost = new NanoUsd(0), Saved = new NanoUsd(5_000_000) };
        return Trace(request, []) with { Semantic = cache == "hit-semantic" ? new TraceSimilarity("on", 0.97, null) : null };
    }

    /// <summary>Not answered, after a call of 40 ms to a model whose price is not known.</summary>
    public static RequestTrace Failed(int number)
    {
        var request = Request(number, "bypass", 60) with { Outcome = "upstream_error", Cost = null };
        return Trace(request, [Call(request, 3, new LedgerAttempt("chat", "openai", "gpt-4o", "upstream_error", null, null, null, false, 40))]) with { Status = 502, Reason = "The provider broke off." };
    }

    private static LedgerEntry Request(int number, string cache, double took) => new()
    {
        Id = new Guid(number, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 1]),
        At = Start.AddSeconds(number),
        RequestId = $"label-{number}",
        Endpoint = "/v1/chat/completions",
        Tenant = "acme",
        Subject = "key:1",
        User = "ann",
        UserLabel = "u-1",
        Session = "s-1",
        Model = "fast",
        Prompt = "greeting",
        PromptVersion = "v2",
        Experiment = "tone",
        Variant = "b",
        Outcome = LedgerEntry.Ok,
        Cache = cache,
        DurationMs = took,
    };

    private static RequestTrace Trace(LedgerEntry request, TraceSpan[] calls) => new()
    {
        Request = request,
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        Status = 200,
        Configuration = "cafe00000001",
        Spans =
        [
            new TraceSpan
            {
                Id = "00000000000000a1", Parent = "b7ad6b7169203331", Name = "POST /v1/chat/completions", Kind = "server", StartedAt = request.At, DurationMs = request.DurationMs,
                Error = request.Outcome == LedgerEntry.Ok ? null : request.Outcome,
                Attributes = new Dictionary<string, object> { ["llmops.tenant"] = "acme", ["gen_ai.usage.input_tokens"] = 12L },
            },
            new TraceSpan
            {
                Id = "00000000000000a2", Parent = "00000000000000a1", Name = "cache exact", Kind = "internal", StartedAt = request.At, DurationMs = 1,
                Attributes = new Dictionary<string, object> { ["llmops.cache.outcome"] = request.Cache },
            },
            .. calls,
        ],
    };

    private static TraceSpan Call(LedgerEntry request, int number, LedgerAttempt attempt) => new()
    {
        Id = $"00000000000000a{number}",
        Parent = "00000000000000a1",
        Name = $"chat {attempt.Model}",
        Kind = "client",
        StartedAt = request.At.AddMilliseconds(10),
        DurationMs = attempt.DurationMs,
        Error = attempt.Outcome == LedgerEntry.Ok ? null : attempt.Outcome,
        Attributes = new Dictionary<string, object> { ["gen_ai.operation.name"] = "chat", ["gen_ai.request.model"] = attempt.Model, ["gen_ai.response.finish_reasons"] = new[] { "stop" }, ["gen_ai.request.temperature"] = 0.5 },
        Call = attempt,
    };
}
