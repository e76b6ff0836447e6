using LlmOps.Gateway.Accounting;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>Which traces are asked for; null for no matter which.</summary>
internal sealed record TraceFilter
{
    /// <summary>Not before this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    public string? Tenant { get; init; }

    public string? Model { get; init; }

    public string? Prompt { get; init; }

    public string? Version { get; init; }

    public string? Variant { get; init; }

    public string? Experiment { get; init; }

    /// <summary>ok, or the code of the failure.</summary>
    public string? Outcome { get; init; }

    /// <summary>Whether it was answered.</summary>
    public bool? IsOk { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Status { get; init; }

    public NanoUsd? MinCost { get; init; }

    public NanoUsd? MaxCost { get; init; }

    /// <summary>Microseconds.</summary>
    public long? MinDuration { get; init; }

    /// <summary>Microseconds.</summary>
    public long? MaxDuration { get; init; }

    /// <summary>X-Request-ID.</summary>
    public string? RequestId { get; init; }

    /// <summary>What comes after this one, which is older; null for the newest.</summary>
    public Guid? After { get; init; }

    /// <summary>The most of one page.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A part of the traces.</summary>
/// <param name="Traces">Newest first; fewer than asked for where those that fit are seldom.</param>
/// <param name="Next">After which to go on; null where there are no more.</param>
internal sealed record TracePage(IReadOnlyList<TraceRow> Traces, string? Next);

/// <summary>A row of the table traces.</summary>
internal sealed record TraceRow
{
    /// <summary>The columns, as the properties are called.</summary>
    public const string Columns =
        """
        id, at, request_id AS RequestId, tenant, model, prompt, prompt_version AS PromptVersion, variant, experiment, outcome, status, cache, cost_nano AS CostNano,
        input_tokens AS InputTokens, output_tokens AS OutputTokens, duration_us AS DurationUs
        """;

    public required string Id { get; init; }

    public long At { get; init; }

    public required string RequestId { get; init; }

    public required string Tenant { get; init; }

    public string? Model { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    public string? Variant { get; init; }

    public string? Experiment { get; init; }

    public required string Outcome { get; init; }

    public long Status { get; init; }

    public required string Cache { get; init; }

    public long? CostNano { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long DurationUs { get; init; }
}
