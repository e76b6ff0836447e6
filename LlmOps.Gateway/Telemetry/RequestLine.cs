using System.Collections;
using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.ServiceDefaults;

namespace LlmOps.Gateway.Telemetry;

/// <summary>
/// What the log tells of one request: as JSON, as a list of fields for other structured logs, and as a text with the most
/// important of them for a terminal. By hand, as generated logging boxes the fields and makes the text for everyone.
/// </summary>
internal sealed class RequestLine(GatewayRequest request, TimeSpan duration, string? reason) : ILogFields, IReadOnlyList<KeyValuePair<string, object?>>
{
    private KeyValuePair<string, object?>[]? _fields;

    /// <inheritdoc/>
    public string Message => "Request";

    /// <inheritdoc/>
    public int Count => Fields.Length;

    private KeyValuePair<string, object?>[] Fields => _fields ??= List();

    private string Outcome => request.Error?.Code ?? "ok";

    private double DurationMs => Milliseconds(duration);

    private double? FirstChunkMs => request.TimeToFirstChunk is { } first ? Milliseconds(first) : null;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => Fields[index];

    /// <summary>The line as text.</summary>
    public static string Text(RequestLine line, Exception? exception) => line.ToString();

    /// <inheritdoc/>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("Outcome"u8, Outcome);
        json.WriteString("Endpoint"u8, request.Endpoint);
        Write(json, "Model"u8, request.Model);
        Write(json, "Provider"u8, request.Target?.Provider);
        Write(json, "ProviderModel"u8, request.Target?.Model);
        Write(json, "ResponseModel"u8, request.ResponseModel);
        json.WriteBoolean("Stream"u8, request.Streaming);
        if (request.Temperature is { } temperature)
        {
            json.WriteNumber("Temperature"u8, temperature);
        }

        Write(json, "MaxTokens"u8, request.MaxTokens);
        Write(json, "InputTokens"u8, request.Usage?.InputTokenCount);
        Write(json, "OutputTokens"u8, request.Usage?.OutputTokenCount);
        if (request.Cost is { } cost)
        {
            json.WriteNumber("CostUsd"u8, cost.Dollars);
        }

        Write(json, "FinishReason"u8, request.FinishReason?.Value);
        json.WriteNumber("Attempts"u8, request.Attempts);
        json.WriteNumber("DurationMs"u8, DurationMs);
        if (FirstChunkMs is { } firstChunk)
        {
            json.WriteNumber("FirstChunkMs"u8, firstChunk);
        }

        json.WriteString("RequestId"u8, request.RequestId);
        Write(json, "ProviderRequestId"u8, request.ProviderRequestId);
        json.WriteString("Tenant"u8, request.Principal.Tenant);
        json.WriteString("Subject"u8, request.Principal.Subject);
        Write(json, "Reason"u8, reason);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Outcome} {request.Endpoint} model={request.Model} target={request.Target?.Provider}/{request.Target?.Model} in={request.Usage?.InputTokenCount} out={request.Usage?.OutputTokenCount} cost_usd={request.Cost?.Dollars} ms={DurationMs} request={request.RequestId} {reason}");

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => Fields.AsEnumerable().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private KeyValuePair<string, object?>[] List() =>
    [
        new("Outcome", Outcome),
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
        new("DurationMs", DurationMs),
        new("FirstChunkMs", FirstChunkMs),
        new("RequestId", request.RequestId),
        new("ProviderRequestId", request.ProviderRequestId),
        new("Tenant", request.Principal.Tenant),
        new("Subject", request.Principal.Subject),
        new("Reason", reason),
    ];

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
