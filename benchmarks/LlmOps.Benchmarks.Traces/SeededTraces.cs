using System.Globalization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Benchmarks.Traces;

/// <summary>Traces of a week that never was; the same for the same seed, but for the random part of ids.</summary>
internal sealed class SeededTraces(int count, int seed)
{
    private const int Tenants = 40;
    private const int Prompts = 12;
    private const double Failures = 0.02;
    private const double Hits = 0.2;
    private const double MedianMs = 1200;
    private const double Spread = 0.9;
    private const double NanoPerMs = 2500;

    private static readonly string[] Models = ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini", "gpt-4o", "gpt-4o", "gemini-2.5-flash", "claude-sonnet", "llama3.2"];
    private static readonly string[] Codes = ["provider_timeout", "provider_error", "rate_limit_exceeded", "content_policy"];
    private static readonly int[] Statuses = [504, 502, 429, 400];
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly Random _random = new(seed);

    /// <summary>All of them, in the order of their arrival.</summary>
    public IEnumerable<RequestTrace> All() => Enumerable.Range(0, count).Select(number => Make(number, Begin + Week * ((double)number / count)));

    private RequestTrace Make(int number, DateTimeOffset at)
    {
        // The square makes few tenants large and many small.
        var tenant = (int)(Math.Pow(_random.NextDouble(), 3) * Tenants);
        var model = Models[_random.Next(Models.Length)];
        var failure = _random.NextDouble() < Failures ? _random.Next(Codes.Length) : (int?)null;
        var isHit = failure is null && _random.NextDouble() < Hits;
        var took = isHit ? 0.3 + _random.NextDouble() : MedianMs * Math.Exp(Spread * Normal());
        var prompt = _random.Next(2) == 0 ? _random.Next(Prompts) : (int?)null;
        var (input, output) = (_random.Next(50, 4000), _random.Next(20, 900));
        var cost = new NanoUsd((long)(took * NanoPerMs * Math.Exp(Normal())));
        var call = isHit ? null : new LedgerAttempt("chat", "openai", model, failure is { } code ? Codes[code] : "ok", input, output, cost, IsEstimated: false, took - 1);
        var request = new LedgerEntry
        {
            Id = Guid.CreateVersion7(at),
            At = at,
            RequestId = $"req-{number.ToString(CultureInfo.InvariantCulture)}",
            Endpoint = "/v1/chat/completions",
            Tenant = $"tenant-{tenant}",
            Key = $"key_{tenant}",
            Subject = $"key_{tenant}",
            Model = model,
            Provider = "openai",
            ProviderModel = model,
            Prompt = prompt is { } name ? $"prompt-{name}" : null,
            PromptVersion = prompt is null ? null : (1 + _random.Next(3)).ToString(CultureInfo.InvariantCulture),
            Outcome = failure is { } failed ? Codes[failed] : LedgerEntry.Ok,
            Cache = isHit ? "hit-memory" : "miss",
            InputTokens = isHit ? null : input,
            OutputTokens = isHit ? null : output,
            Cost = isHit ? new NanoUsd(0) : cost,
            DurationMs = took,
        };
        return new RequestTrace
        {
            Request = request,
            TraceId = Guid.NewGuid().ToString("N"),
            Status = failure is { } status ? Statuses[status] : 200,
            Reason = failure is null ? null : "The provider kept silent for longer than 10 s.",
            Configuration = "5f2c1e9a",
            Parameters = new TraceParameters { Temperature = 0.7f, MaxTokens = 1024 },
            ResponseModel = model,
            FinishReason = failure is null ? "stop" : null,
            Spans = Spans(request, call),
        };
    }

    private TraceSpan[] Spans(LedgerEntry request, LedgerAttempt? call)
    {
        var root = Id();
        var own = Span(root, null, request.Endpoint, "server", request.At, request.DurationMs, new()
        {
            [TelemetryNames.Tenant] = request.Tenant, [TelemetryNames.RequestModel] = request.Model!, [TelemetryNames.Cache] = request.Cache, [TelemetryNames.Route] = request.Endpoint, [TelemetryNames.ResponseStatus] = 200L,
        });
        var guardrail = Span(Id(), root, TelemetryNames.InputGuardrails, "internal", request.At, 0.04, []);
        var cache = Span(Id(), root, TelemetryNames.ExactCache, "internal", request.At, 0.02, new() { [TelemetryNames.Cache] = request.Cache });
        return call is null ? [own, guardrail, cache] :
        [
            own, guardrail, cache,
            Span(Id(), root, $"chat {call.Model}", "client", request.At.AddMilliseconds(1), call.DurationMs, new()
            {
                [TelemetryNames.OperationName] = "chat", [TelemetryNames.ProviderName] = call.Provider, [TelemetryNames.RequestModel] = call.Model, [TelemetryNames.ResponseId] = $"chatcmpl-{Id()}",
                [TelemetryNames.RequestTemperature] = 0.7, [TelemetryNames.RequestMaxTokens] = 1024L, [TelemetryNames.InputTokens] = call.InputTokens!.Value, [TelemetryNames.OutputTokens] = call.OutputTokens!.Value,
                [TelemetryNames.UpstreamRequestId] = $"req_{Id()}", [TelemetryNames.Attempt] = 1L, [TelemetryNames.Outcome] = call.Outcome,
            }) with { Call = call, FirstChunkAt = request.At.AddMilliseconds(call.DurationMs / 3) },
        ];
    }

    private string Id() => _random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);

    private static TraceSpan Span(string id, string? parent, string name, string kind, DateTimeOffset at, double milliseconds, Dictionary<string, object> attributes) =>
        new() { Id = id, Parent = parent, Name = name, Kind = kind, StartedAt = at, DurationMs = milliseconds, Attributes = attributes };

    // Box and Muller's.
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
