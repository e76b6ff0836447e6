using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>One request that is over: what it was, what became of it, and why.</summary>
internal sealed record RequestTrace : TelemetryEvent
{
    private const int SizeOfHead = 1500;
    private const int SizeOfSpan = 3000;

    /// <summary>The ledger's own entry, so that tokens and money are the same everywhere. Its id is the trace's too: one trace for each request.</summary>
    public required LedgerEntry Request { get; init; }

    /// <inheritdoc/>
    public override Guid EventId => Request.Id;

    /// <summary>The W3C trace it is a part of, 32 hexadecimal digits: that of its caller, where the caller has one. Several requests may share it.</summary>
    public required string TraceId { get; init; }

    /// <summary>The HTTP status of the answer; 499 where the caller has left.</summary>
    public required int Status { get; init; }

    /// <summary>Why it failed, in words, without anything of the prompt; null for an answer.</summary>
    public string? Reason { get; init; }

    /// <summary>The version of the configuration that it lived under.</summary>
    public required string Configuration { get; init; }

    /// <summary>What the caller asked the model to do it with.</summary>
    public TraceParameters Parameters { get; init; } = new();

    /// <summary>The model that answered, as the provider names it.</summary>
    public string? ResponseModel { get; init; }

    /// <summary>Why the model stopped, in OpenAI's words.</summary>
    public string? FinishReason { get; init; }

    /// <summary>What the semantic cache found; null where it was not asked.</summary>
    public TraceSimilarity? Semantic { get; init; }

    /// <summary>The rules of guardrails that found something, in the request or its answer.</summary>
    public IReadOnlyList<string> Guardrails { get; init; } = [];

    /// <summary>What it had to do without: redis, qdrant, …</summary>
    public IReadOnlyList<string> Degraded { get; init; } = [];

    /// <summary>Its spans in the order in which they began; the first is that of the request itself.</summary>
    public IReadOnlyList<TraceSpan> Spans { get; init; } = [];

    /// <summary>What was said; null unless it is captured.</summary>
    public TraceContent? Content { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Size => SizeOfHead + Spans.Count * SizeOfSpan + (Content?.Size ?? 0);
}

/// <summary>What a model is asked to answer with; null for what is left to the provider.</summary>
internal sealed record TraceParameters
{
    public float? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    public float? TopP { get; init; }

    public int? TopK { get; init; }

    public long? Seed { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>How many answers are asked for, where it is not one.</summary>
    public int? Choices { get; init; }

    /// <summary>json where an answer in JSON is asked for; null for text.</summary>
    public string? OutputType { get; init; }

    /// <summary>How many tools the caller brings.</summary>
    public int? Tools { get; init; }
}

/// <summary>What the semantic cache found.</summary>
/// <param name="Mode">on, or shadow, where nothing is answered from it.</param>
/// <param name="Similarity">How near the nearest question was, 0 to 1; null where none was near.</param>
/// <param name="Refusal">Why the nearest one's answer was not given, in the verifier's word; null where it was, or none was near.</param>
internal sealed record TraceSimilarity(string Mode, double? Similarity, string? Refusal);
