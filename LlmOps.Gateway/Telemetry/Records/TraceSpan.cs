using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>A part of a request's time: the request itself, a look-up in a cache, a guardrail's check, a call to a provider, a tool's run.</summary>
internal sealed record TraceSpan
{
    /// <summary>16 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The span it lies in; null for one that lies in none.</summary>
    public string? Parent { get; init; }

    /// <summary>By the conventions, such as <c>chat gpt-4o</c>.</summary>
    public required string Name { get; init; }

    /// <summary>internal, server or client.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double DurationMs { get; init; }

    /// <summary>How it failed (<c>error.type</c>); null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>By OpenTelemetry's names, and ours under <c>llmops.</c>: a string, a long, a double, a bool, or a string[].</summary>
    [JsonConverter(typeof(SpanAttributes))]
    public IReadOnlyDictionary<string, object> Attributes { get; init; } = new Dictionary<string, object>();

    /// <summary>Of a call to a provider: what the ledger has of it; null for other spans.</summary>
    public LedgerAttempt? Call { get; init; }

    /// <summary>Of a call to a provider: when the first content of its stream was there; null for others.</summary>
    public DateTimeOffset? FirstChunkAt { get; init; }
}
