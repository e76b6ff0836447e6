namespace LlmOps.Evaluator.Results;

/// <summary>What a model answered, and what it took.</summary>
internal sealed record Answer
{
    public required string Text { get; init; }

    /// <summary>The functions that it wants called, in its order.</summary>
    public IReadOnlyList<AnswerToolCall> ToolCalls { get; init; } = [];

    /// <summary>The model that answered, as its provider names it.</summary>
    public required string Model { get; init; }

    public required string Provider { get; init; }

    /// <summary>stop, length, content_filter or a provider's own word; null where it does not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Milliseconds in the gateway, from the request's arrival to its answer.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>Null where the provider did not count.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Null where the provider did not count.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>US dollars; null where there is no price.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The gateway's X-Request-ID, by which its traces are found.</summary>
    public required string RequestId { get; init; }
}

/// <summary>A function that a model wants called.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">Its arguments, a JSON object as text, as the model wrote it.</param>
internal sealed record AnswerToolCall(string Name, string Arguments);
