using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Telemetry;

/// <summary>What this process has done since its start. Thread-safe.</summary>
internal sealed class RequestStatistics(TimeProvider time)
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>(TelemetryNames.RateLimitRejected, "{request}", "Requests that a limit or a budget has refused, by its kind (requests, tokens, places, budget) and whose it is (tenant, team, user, key, model, ip).");

    private readonly ConcurrentDictionary<ErrorCode, Tally> _errors = new();
    private readonly ConcurrentDictionary<string, Tally> _attempts = new(StringComparer.Ordinal);
    private long _inFlight;
    private long _requests;
    private long _streams;
    private long _inputTokens;
    private long _outputTokens;
    private long _nano;
    private long _unpriced;
    private long _retries;
    private long _limited;

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>Requests on their way.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>Requests that are over.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Those of them that asked for a stream.</summary>
    public long Streams => Interlocked.Read(ref _streams);

    /// <summary>Input tokens of the answers that were paid for.</summary>
    public long InputTokens => Interlocked.Read(ref _inputTokens);

    /// <summary>Their output tokens.</summary>
    public long OutputTokens => Interlocked.Read(ref _outputTokens);

    /// <summary>What requests cost, as far as that is known; in nano-USD.</summary>
    public long CostNano => Interlocked.Read(ref _nano);

    /// <summary>Requests whose cost is not known.</summary>
    public long Unpriced => Interlocked.Read(ref _unpriced);

    /// <summary>Calls to providers that were made because another had failed or was late.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Requests that a limit or a budget of the gateway has refused.</summary>
    public long Limited => Interlocked.Read(ref _limited);

    /// <summary>How long requests took that were answered.</summary>
    public LatencyHistogram Durations { get; } = new();

    /// <summary>How long it was to the first content of streams.</summary>
    public LatencyHistogram FirstChunks { get; } = new();

    /// <summary>Requests that failed, by the code.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors.ToDictionary(pair => pair.Key.Code, pair => pair.Value.Count);

    /// <summary>Calls by the provider.</summary>
    public IReadOnlyDictionary<string, long> Attempts => _attempts.ToDictionary(pair => pair.Key, pair => pair.Value.Count);

    /// <summary>A request has arrived.</summary>
    public void Began() => Interlocked.Increment(ref _inFlight);

    /// <summary>It is over.</summary>
    /// <param name="request">The request.</param>
    /// <param name="failure">Why it failed; null for an answer.</param>
    public void Completed(GatewayRequest request, Exception? failure)
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _requests);
        if (request.Streaming)
        {
            Interlocked.Increment(ref _streams);
        }

        if (request.Error is { } error)
        {
            _errors.GetOrAdd(error, static _ => new Tally()).Add();
            if (failure is GatewayException { Error.Status: StatusCodes.Status429TooManyRequests } and not ProviderException)
            {
                Interlocked.Increment(ref _limited);
                CountRejected((failure as LimitException)?.Refusal.Limit);
            }
        }
        else
        {
            Durations.Add(time.GetElapsedTime(request.StartedAt));
        }

        if (request.TimeToFirstChunk is { } first)
        {
            FirstChunks.Add(first);
        }

        CountCalls(request);
    }

    private static void CountRejected(Limit? limit)
    {
        if (Rejected.Enabled)
        {
            var kind = limit is { } known ? known.Unit.ToString().ToLowerInvariant() : "budget";
            Rejected.Add(1, new("limit", kind), new("owner", limit?.Owner.Split(':')[0]));
        }
    }

    private void CountCalls(GatewayRequest request)
    {
        // One that reused an answer may have paid for calls beside its own.
        Interlocked.Add(ref _retries, request.Retries);
        foreach (var attempt in request.AllAttempts)
        {
            _attempts.GetOrAdd(attempt.Target.Provider, static _ => new Tally()).Add();
        }

        if (request.Reused is null && request.Usage is { } usage)
        {
            Interlocked.Add(ref _inputTokens, usage.InputTokenCount ?? 0);
            Interlocked.Add(ref _outputTokens, usage.OutputTokenCount ?? 0);
        }

        if (request.Cost is { } cost)
        {
            Interlocked.Add(ref _nano, cost.Value);
        }
        else
        {
            Interlocked.Increment(ref _unpriced);
        }
    }

    private sealed class Tally
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public void Add() => Interlocked.Increment(ref _count);
    }
}
