using System.Collections;
using System.Globalization;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Telemetry;

/// <summary>
/// What the log tells of one request: fields for structured logs, a text with the most important of them for a terminal.
/// Written by hand, as generated logging would make the text for every log that only wants the fields.
/// </summary>
internal sealed class RequestLine(GatewayRequest request, TimeSpan duration, string? reason) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _fields =
    [
        new("Outcome", Outcome(request)),
        new("Endpoint", request.Endpoint),
        new("Model", request.Model),
        new("Provider", request.Target?.Provider),
        new("ProviderModel", request.Target?.Model),
        new("ResponseModel", request.ResponseModel),
        new("Stream", request.Streaming),
        new("Temperature", request.Temperature),
        new("MaxTokens", request.MaxTokens),
        new("InputTokens", request.Usage?.InputTokenCount),
        new("OutputTokens", request.Usage?.OutputTokenCount),
        new("CostUsd", request.Cost?.Dollars),
        new("FinishReason", request.FinishReason?.Value),
        new("Attempts", request.Attempts),
        new("DurationMs", Milliseconds(duration)),
        new("FirstChunkMs", request.TimeToFirstChunk is { } first ? Milliseconds(first) : null),
        new("RequestId", request.RequestId),
        new("ProviderRequestId", request.ProviderRequestId),
        new("Tenant", request.Principal.Tenant),
        new("Subject", request.Principal.Subject),
        new("Reason", reason),
    ];

    /// <inheritdoc/>
    public int Count => _fields.Length;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => _fields[index];

    /// <summary>The line as text.</summary>
    public static string Text(RequestLine line, Exception? exception) => line.ToString();

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Outcome(request)} {request.Endpoint} model={request.Model} target={request.Target?.Provider}/{request.Target?.Model} in={request.Usage?.InputTokenCount} out={request.Usage?.OutputTokenCount} cost_usd={request.Cost?.Dollars} ms={Milliseconds(duration)} request={request.RequestId} {reason}");

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.AsEnumerable().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string Outcome(GatewayRequest request) => request.Error?.Code ?? "ok";

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
