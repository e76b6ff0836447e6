using System.Collections;
using System.Globalization;
using LlmOps.Gateway.Pipeline;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.AI;

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

    private string? ResponseModel => request.Reused is { } reused ? reused.ResponseModel : request.Attempt?.ResponseModel;

    private UsageDetails? Usage => request.Reused is { } reused ? reused.Usage : request.Usage;

    private string? FinishReason => (request.Reused is { } reused ? reused.FinishReason : request.Attempt?.FinishReason)?.Value;

    // The field's words for what the cache said; null where it was not asked.
    private string? CacheEvent => request.Cache is not { Reads: true } || request.Error is not null ? null : request.Reused is null ? "cache_miss" : "cache_hit";

    private double? SemanticSimilarity => request.Semantic?.Similarity is { } similarity ? Math.Round(similarity, 3) : null;

    private double DurationMs => Milliseconds(duration);

    private double? FirstChunkMs => request.TimeToFirstChunk is { } first ? Milliseconds(first) : null;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => Fields[index];

    /// <summary>The line as text.</summary>
    public static string Text(RequestLine line, Exception? exception) => line.ToString();

    /// <inheritdoc/>
    public void WriteTo(LogLine line)
    {
        line.Add("Outcome"u8, Outcome);
        line.Add("Endpoint"u8, request.Endpoint);
        line.Add("Model"u8, request.Model);
        line.Add("Provider"u8, request.Provider);
        line.Add("ProviderModel"u8, request.ProviderModel);
        line.Add("ResponseModel"u8, ResponseModel);
        line.Add("Prompt"u8, request.Prompt?.Name);
        line.Add("PromptVersion"u8, request.Prompt?.Version);
        line.Add("Experiment"u8, request.Prompt?.Exposure?.Experiment);
        line.Add("Variant"u8, request.Prompt?.Exposure?.Variant);
        line.Add("Stream"u8, request.Streaming);
        line.Add("Temperature"u8, request.Temperature);
        line.Add("MaxTokens"u8, request.MaxTokens);
        line.Add("InputTokens"u8, Usage?.InputTokenCount);
        line.Add("OutputTokens"u8, Usage?.OutputTokenCount);
        line.Add("CostUsd"u8, request.Cost?.Dollars);
        if (request.CostIsEstimated)
        {
            line.Add("CostEstimated"u8, true);
        }

        line.Add("FinishReason"u8, FinishReason);
        line.Add("Cache"u8, request.CacheStatus);
        line.Add("CacheEvent"u8, CacheEvent);
        line.Add("SemanticSimilarity"u8, SemanticSimilarity);
        line.Add("SemanticRefusal"u8, request.Semantic?.Refusal);
        line.Add("SavedUsd"u8, request.Reused?.Saved?.Dollars);
        if (request.IsReplayed)
        {
            line.Add("Replayed"u8, true);
        }

        line.Add("Attempts"u8, request.Attempts);
        line.Add("DurationMs"u8, DurationMs);
        line.Add("FirstChunkMs"u8, FirstChunkMs);
        line.Add("RequestId"u8, request.RequestId);
        line.Add("ProviderRequestId"u8, request.Attempt?.ProviderRequestId);
        line.Add("Guardrails"u8, request.Found);
        line.Add("Tenant"u8, request.Principal.Tenant);
        line.Add("Subject"u8, request.Principal.Subject);
        line.Add("Reason"u8, reason);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Outcome} {request.Endpoint} model={request.Model} target={request.Provider}/{request.ProviderModel} cache={request.CacheStatus} in={Usage?.InputTokenCount} out={Usage?.OutputTokenCount} cost_usd={request.Cost?.Dollars} ms={DurationMs} request={request.RequestId} {reason}");

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => Fields.AsEnumerable().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private KeyValuePair<string, object?>[] List() =>
    [
        new("Outcome", Outcome),
        new("Endpoint", request.Endpoint),
        new("Model", request.Model),
        new("Provider", request.Provider),
        new("ProviderModel", request.ProviderModel),
        new("ResponseModel", ResponseModel),
        new("Prompt", request.Prompt?.Name),
        new("PromptVersion", request.Prompt?.Version),
        new("Experiment", request.Prompt?.Exposure?.Experiment),
        new("Variant", request.Prompt?.Exposure?.Variant),
        new("Stream", request.Streaming),
        new("Temperature", request.Temperature),
        new("MaxTokens", request.MaxTokens),
        new("InputTokens", Usage?.InputTokenCount),
        new("OutputTokens", Usage?.OutputTokenCount),
        new("CostUsd", request.Cost?.Dollars),
        new("CostEstimated", request.CostIsEstimated ? true : null),
        new("FinishReason", FinishReason),
        new("Cache", request.CacheStatus),
        new("CacheEvent", CacheEvent),
        new("SemanticSimilarity", SemanticSimilarity),
        new("SemanticRefusal", request.Semantic?.Refusal),
        new("SavedUsd", request.Reused?.Saved?.Dollars),
        new("Replayed", request.IsReplayed ? true : null),
        new("Attempts", request.Attempts),
        new("DurationMs", DurationMs),
        new("FirstChunkMs", FirstChunkMs),
        new("RequestId", request.RequestId),
        new("ProviderRequestId", request.Attempt?.ProviderRequestId),
        new("Guardrails", request.Found),
        new("Tenant", request.Principal.Tenant),
        new("Subject", request.Principal.Subject),
        new("Reason", reason),
    ];

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
