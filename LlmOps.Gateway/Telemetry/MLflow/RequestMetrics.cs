using System.Buffers;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>
/// The metrics of requests that are told together: counts, tokens and cost are sums, so that the sum over all steps is the ledger's;
/// times and ratios are means over those requests. What no request of them has a value for is left out.
/// </summary>
internal static class RequestMetrics
{
    /// <summary>The body of a log-batch.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="step">Their step.</param>
    /// <param name="requests">The requests; one or more.</param>
    public static ReadOnlyMemory<byte> Write(string run, long step, IReadOnlyList<RequestTrace> requests)
    {
        var time = requests[^1].Request.At.ToUnixTimeMilliseconds();
        var body = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        writer.WriteString("run_id", run);
        writer.WriteStartArray("metrics");
        foreach (var (key, value) in Of(requests))
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            writer.WriteNumber("value", value);
            writer.WriteNumber("timestamp", time);
            writer.WriteNumber("step", step);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }

    private static IEnumerable<(string Key, decimal Value)> Of(IReadOnlyList<RequestTrace> traces)
    {
        var requests = traces.Select(trace => trace.Request).ToList();
        var calls = traces.SelectMany(trace => trace.Spans).Select(span => span.Call).OfType<LedgerAttempt>().ToList();
        var looked = requests.Where(request => request.Cache != CacheStatus.Bypass).ToList();
        var ok = requests.Count(request => request.Outcome == LedgerEntry.Ok);
        (string Key, decimal? Value)[] all =
        [
            ("requests", requests.Count),
            ("errors", requests.Count - ok),
            ("attempts", calls.Count),
            ("success_rate", Share(ok, requests.Count)),
            ("latency_total_ms", Mean(requests.Select(request => (double?)request.DurationMs))),
            ("latency_cache_ms", Mean(requests.Where(request => IsExact(request) || request.Cache == CacheStatus.HitSemantic).Select(request => (double?)request.DurationMs))),
            ("latency_model_ms", Mean(calls.Select(call => (double?)call.DurationMs))),
            ("time_to_first_chunk_ms", Mean(requests.Select(request => request.FirstChunkMs))),
            ("input_tokens", Sum(requests.Select(request => request.InputTokens))),
            ("output_tokens", Sum(requests.Select(request => request.OutputTokens))),
            ("total_tokens", Sum(requests.SelectMany(request => new[] { request.InputTokens, request.OutputTokens }))),
            ("cost_usd", Sum(requests.Select(request => request.Cost?.Value)) is { } cost ? new NanoUsd((long)cost).Dollars : null),
            ("exact_hit_ratio", Share(looked.Count(IsExact), looked.Count)),
            ("semantic_hit_ratio", Share(looked.Count(request => request.Cache == CacheStatus.HitSemantic), looked.Count)),
        ];
        return all.Where(metric => metric.Value is not null).Select(metric => (metric.Key, metric.Value!.Value));
    }

    private static bool IsExact(LedgerEntry request) => request.Cache is CacheStatus.HitMemory or CacheStatus.HitRedis or CacheStatus.Coalesced;

    private static decimal? Share(int of, int all) => all == 0 ? null : (decimal)of / all;

    private static decimal? Mean(IEnumerable<double?> values) => values.Average() is { } mean ? (decimal)mean : null;

    // Enumerable.Sum makes 0 of nothing.
    private static decimal? Sum(IEnumerable<long?> values) => values.Aggregate((decimal?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);
}
