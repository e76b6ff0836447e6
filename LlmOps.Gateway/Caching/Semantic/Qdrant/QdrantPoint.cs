using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>An entry as a point: its id is a UUID, and what is filtered by is in its payload, times as seconds since 1970.</summary>
internal static class QdrantPoint
{
    /// <summary>Fields that are filtered by, with the types of their indexes.</summary>
    public static readonly (string Name, string Type)[] Indexed =
        [("scope", "keyword"), ("tenant", "keyword"), ("model", "keyword"), ("prompt", "keyword"), ("expires_at", "integer")];

    /// <summary>The body that keeps an entry.</summary>
    public static ReadOnlyMemory<byte> Upsert(SemanticEntry entry) => ProviderRequest.Object(json =>
    {
        json.WriteStartArray("points");
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        WriteVector(json, "vector", entry.Vector.Span);
        json.WriteStartObject("payload");
        json.WriteString("scope", entry.Scope.ToString());
        json.WriteString("tenant", entry.Answer.Tenant);
        json.WriteString("model", entry.Answer.ModelName);
        if (entry.Answer.Prompt is { } prompt)
        {
            json.WriteString("prompt", prompt);
        }

        json.WriteNumber("expires_at", entry.Answer.ExpiresAt.ToUnixTimeSeconds());
        json.WriteString("question", entry.Question);
        json.WriteString("answer", entry.Answer.Json.Span);
        json.WriteString("provider", entry.Answer.Provider);
        json.WriteString("provider_model", entry.Answer.ProviderModel);
        if (entry.Answer.Cost is { } cost)
        {
            json.WriteNumber("cost_nano_usd", cost.Value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    /// <summary>The body that asks for the nearest entries of a scope.</summary>
    public static ReadOnlyMemory<byte> Query(CacheKey scope, ReadOnlyMemory<float> vector, float threshold, int limit, DateTimeOffset now) => ProviderRequest.Object(json =>
    {
        WriteVector(json, "query", vector.Span);
        json.WriteStartObject("filter");
        json.WriteStartArray("must");
        WriteMatch(json, "scope", scope.ToString());
        WriteRange(json, "gt", now);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNumber("limit", limit);
        json.WriteNumber("score_threshold", threshold);
        json.WriteBoolean("with_payload", true);
    });

    /// <summary>The body that removes what is over its time.</summary>
    public static ReadOnlyMemory<byte> DeleteExpired(DateTimeOffset now) => Filter(json => WriteRange(json, "lte", now));

    /// <summary>The body that removes what belongs to a scope as <see cref="CacheGenerations"/> writes it.</summary>
    public static ReadOnlyMemory<byte> DeleteScope(string scope)
    {
        var colon = scope.IndexOf(':', StringComparison.Ordinal);
        return Filter(json =>
        {
            if (colon < 0)
            {
                WriteRange(json, "gte", DateTimeOffset.UnixEpoch);
            }
            else
            {
                WriteMatch(json, scope[..colon], scope[(colon + 1)..]);
            }
        });
    }

    /// <summary>The body that removes one entry.</summary>
    public static ReadOnlyMemory<byte> Delete(Guid id) => ProviderRequest.Object(json =>
    {
        json.WriteStartArray("points");
        json.WriteStringValue(id);
        json.WriteEndArray();
    });

    /// <summary>The entry of a point that was found; null where it is none of ours.</summary>
    public static SemanticCandidate? Read(JsonElement point, EmbeddingSpace space, CacheKey scope)
    {
        var payload = point.GetProperty("payload"u8);
        if (Text(payload, "question") is not { } question || Text(payload, "answer") is not { } answer || Text(payload, "tenant") is not { } tenant
            || Text(payload, "model") is not { } model || Text(payload, "provider") is not { } provider || Text(payload, "provider_model") is not { } providerModel
            || Text(payload, "scope") != scope.ToString()
            || !Guid.TryParse(point.GetProperty("id"u8).ToString(), CultureInfo.InvariantCulture, out var id)
            || !payload.TryGetProperty("expires_at"u8, out var expires) || !expires.TryGetInt64(out var seconds) || seconds is < 0 or > 253_402_300_799)
        {
            return null;
        }

        NanoUsd? cost = payload.TryGetProperty("cost_nano_usd"u8, out var nano) && nano.TryGetInt64(out var told) && told >= 0 ? new NanoUsd(told) : null;
        var kept = new CachedAnswer(Encoding.UTF8.GetBytes(answer), tenant, model, Text(payload, "prompt"), provider, providerModel, cost, DateTimeOffset.FromUnixTimeSeconds(seconds));
        return new SemanticCandidate(new SemanticEntry(id, space, scope, question, ReadOnlyMemory<float>.Empty, kept), point.GetProperty("score"u8).GetSingle());
    }

    private static ReadOnlyMemory<byte> Filter(Action<Utf8JsonWriter> condition) => ProviderRequest.Object(json =>
    {
        json.WriteStartObject("filter");
        json.WriteStartArray("must");
        condition(json);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteVector(Utf8JsonWriter json, string name, ReadOnlySpan<float> vector)
    {
        json.WriteStartArray(name);
        foreach (var number in vector)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void WriteMatch(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteStartObject("match");
        json.WriteString("value", value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, string bound, DateTimeOffset time)
    {
        json.WriteStartObject();
        json.WriteString("key", "expires_at");
        json.WriteStartObject("range");
        json.WriteNumber(bound, time.ToUnixTimeSeconds());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
