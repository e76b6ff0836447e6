using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>A request that failed, as the topic of errors has it.</summary>
internal sealed record RequestFailure
{
    /// <summary>The request's internal id; a record that comes twice has it twice.</summary>
    public required Guid EventId { get; init; }

    /// <summary>X-Request-ID: a label, which callers may repeat.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Tenant { get; init; }

    public required string Endpoint { get; init; }

    public string? Model { get; init; }

    public string? Provider { get; init; }

    /// <summary>The error's code.</summary>
    public required string Code { get; init; }

    /// <summary>The HTTP status of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>In words, without anything of the prompt.</summary>
    public string? Reason { get; init; }

    /// <summary>The calls to providers.</summary>
    public required IReadOnlyList<FailedCall> Attempts { get; init; }

    /// <summary>That of a request whose outcome is not ok.</summary>
    public static RequestFailure Of(RequestTrace trace) => new()
    {
        EventId = trace.EventId,
        RequestId = trace.Request.RequestId,
        Time = trace.Request.At,
        Tenant = trace.Request.Tenant,
        Endpoint = trace.Request.Endpoint,
        Model = trace.Request.Model,
        Provider = trace.Request.Provider,
        Code = trace.Request.Outcome,
        Status = trace.Status,
        Reason = trace.Reason,
        Attempts = [.. trace.Spans.Where(span => span.Call is not null).Select(span => new FailedCall(span.Call!.Provider, span.Call.Model, span.Call.Outcome))],
    };
}

/// <summary>A call to a provider, of a request that failed.</summary>
internal sealed record FailedCall(string Provider, string Model, string Outcome);
