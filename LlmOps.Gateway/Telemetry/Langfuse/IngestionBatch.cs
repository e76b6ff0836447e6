using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>One event of Langfuse's ingestion API.</summary>
/// <param name="Of">What it tells of, or a part of it.</param>
/// <param name="Id">What Langfuse knows a repetition by.</param>
/// <param name="Json">It, as it is sent.</param>
internal sealed record IngestionEvent<T>(T Of, string Id, ReadOnlyMemory<byte> Json);

/// <summary>How much Langfuse's ingestion API takes at once.</summary>
internal static class IngestionLimits
{
    /// <summary>Most bytes of a batch, as Langfuse documents it.</summary>
    public const int MostBytes = 3_500_000;

    /// <summary>Bytes around the events of a batch: {"batch":[ … ]}</summary>
    public const int Envelope = 12;

    /// <summary>Most bytes of an event, alone in its batch.</summary>
    public const int MostEventBytes = MostBytes - Envelope;
}

/// <summary>Batches of ingestion events: within Langfuse's limit, and what is said of each event.</summary>
/// <typeparam name="T">What the events tell of.</typeparam>
internal sealed class IngestionBatch<T>
    where T : class
{
    private const int ServerError = 500;

    private readonly HashSet<T> _again = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<T> _refused = new(ReferenceEqualityComparer.Instance);

    /// <summary>Those that Langfuse has failed to take, and may take later.</summary>
    public IReadOnlyCollection<T> Again => _again;

    /// <summary>Those that it refuses for good.</summary>
    public IReadOnlyList<T> Refused => [.. _refused.Where(each => !_again.Contains(each))];

    /// <summary>Why it refused the first; null where it refused none.</summary>
    public string? Reason { get; private set; }

    /// <summary>Sends events, in as many requests as it takes.</summary>
    /// <inheritdoc cref="LangfuseApi.IngestAsync" path="/exception"/>
    public async Task SendAsync(LangfuseApi api, IReadOnlyList<IngestionEvent<T>> events, CancellationToken cancellationToken)
    {
        var from = 0;
        while (from < events.Count)
        {
            var (to, size) = (from + 1, IngestionLimits.Envelope + events[from].Json.Length);
            while (to < events.Count && size + events[to].Json.Length + 1 <= IngestionLimits.MostBytes)
            {
                size += events[to++].Json.Length + 1;
            }

            List<IngestionEvent<T>> part = [.. events.Skip(from).Take(to - from)];
            Read(part, await api.IngestAsync(Write(part), cancellationToken));
            from = to;
        }
    }

    private static ReadOnlyMemory<byte> Write(List<IngestionEvent<T>> events) => LangfuseJson.Object(json =>
    {
        json.WriteStartArray("batch");
        events.ForEach(each => json.WriteRawValue(each.Json.Span, skipInputValidation: true));
        json.WriteEndArray();
    });

    private void Read(List<IngestionEvent<T>> sent, JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("errors", out var errors) || errors.ValueKind != JsonValueKind.Array)
        {
            throw new SinkException($"Langfuse does not say what it took: {SinkHttp.Shown(JsonSerializer.SerializeToUtf8Bytes(answer))}");
        }

        var events = new Dictionary<string, T>();
        sent.ForEach(each => events[each.Id] = each.Of);
        foreach (var error in errors.EnumerateArray())
        {
            if (error.ValueKind != JsonValueKind.Object || !error.TryGetProperty("id", out var id) || !events.TryGetValue(id.ToString(), out var of))
            {
                continue;
            }

            var status = error.TryGetProperty("status", out var told) && told.ValueKind == JsonValueKind.Number && told.TryGetInt32(out var number) ? number : ServerError;
            (status >= ServerError ? _again : _refused).Add(of);
            if (status < ServerError)
            {
                Reason ??= $"{status}: {Told(error, "message")} {Told(error, "error")}".TrimEnd();
            }
        }
    }

    private static string Told(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? SinkHttp.Shown(System.Text.Encoding.UTF8.GetBytes(value.ToString())) : "";
}
