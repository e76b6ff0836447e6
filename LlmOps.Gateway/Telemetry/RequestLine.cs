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
        json.WriteString(Names.Outcome, Outcome);
        json.WriteString(Names.Endpoint, request.Endpoint);
        Write(json, Names.Model, request.Model);
        Write(json, Names.Provider, request.Target?.Provider);
        Write(json, Names.ProviderModel, request.Target?.Model);
        Write(json, Names.ResponseModel, request.ResponseModel);
        json.WriteBoolean(Names.Stream, request.Streaming);
        if (request.Temperature is { } temperature)
        {
            json.WriteNumber(Names.Temperature, temperature);
        }

        Write(json, Names.MaxTokens, request.MaxTokens);
        Write(json, Names.InputTokens, request.Usage?.InputTokenCount);
        Write(json, Names.OutputTokens, request.Usage?.OutputTokenCount);
        if (request.Cost is { } cost)
        {
            json.WriteNumber(Names.CostUsd, cost.Dollars);
        }

        Write(json, Names.FinishReason, request.FinishReason?.Value);
        json.WriteNumber(Names.Attempts, request.Attempts);
        json.WriteNumber(Names.DurationMs, DurationMs);
        if (FirstChunkMs is { } firstChunk)
        {
            json.WriteNumber(Names.FirstChunkMs, firstChunk);
        }

        json.WriteString(Names.RequestId, request.RequestId);
        Write(json, Names.ProviderRequestId, request.ProviderRequestId);
        json.WriteString(Names.Tenant, request.Principal.Tenant);
        json.WriteString(Names.Subject, request.Principal.Subject);
        Write(json, Names.Reason, reason);
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

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    // Encoded once: looking for what must be escaped takes longer than writing the name.
    private static class Names
    {
        public static readonly JsonEncodedText Outcome = JsonEncodedText.Encode("Outcome");
        public static readonly JsonEncodedText Endpoint = JsonEncodedText.Encode("Endpoint");
        public static readonly JsonEncodedText Model = JsonEncodedText.Encode("Model");
        public static readonly JsonEncodedText Provider = JsonEncodedText.Encode("Provider");
        public static readonly JsonEncodedText ProviderModel = JsonEncodedText.Encode("ProviderModel");
        public static readonly JsonEncodedText ResponseModel = JsonEncodedText.Encode("ResponseModel");
        public static readonly JsonEncodedText Stream = JsonEncodedText.Encode("Stream");
        public static readonly JsonEncodedText Temperature = JsonEncodedText.Encode("Temperature");
        public static readonly JsonEncodedText MaxTokens = JsonEncodedText.Encode("MaxTokens");
        public static readonly JsonEncodedText InputTokens = JsonEncodedText.Encode("InputTokens");
        public static readonly JsonEncodedText OutputTokens = JsonEncodedText.Encode("OutputTokens");
        public static readonly JsonEncodedText CostUsd = JsonEncodedText.Encode("CostUsd");
        public static readonly JsonEncodedText FinishReason = JsonEncodedText.Encode("FinishReason");
        public static readonly JsonEncodedText Attempts = JsonEncodedText.Encode("Attempts");
        public static readonly JsonEncodedText DurationMs = JsonEncodedText.Encode("DurationMs");
        public static readonly JsonEncodedText FirstChunkMs = JsonEncodedText.Encode("FirstChunkMs");
        public static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("RequestId");
        public static readonly JsonEncodedText ProviderRequestId = JsonEncodedText.Encode("ProviderRequestId");
        public static readonly JsonEncodedText Tenant = JsonEncodedText.Encode("Tenant");
        public static readonly JsonEncodedText Subject = JsonEncodedText.Encode("Subject");
        public static readonly JsonEncodedText Reason = JsonEncodedText.Encode("Reason");
    }
}
