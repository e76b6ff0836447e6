using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>Batches of ingestion events: within Langfuse's limit, and what is said of each event.</summary>
internal sealed class IngestionBatch
{
    /// <summary>Most bytes of a batch, as Langfuse documents it.</summary>
    public const int MostBytes = 3_500_000;

    /// <summary>Most bytes of an event, alone in its batch.</summary>
    public const int MostEventBytes = MostBytes - Envelope;

    // {"batch":[ … ]}
    private const int Envelope = 12;
    private const int ServerError = 500;

    private readonly HashSet<TelemetryEvent> _again = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<TelemetryEvent> _refused = new(ReferenceEqualityComparer.Instance);

    /// <summary>Those that Langfuse has failed to take, and may take later.</summary>
    public IReadOnlyCollection<TelemetryEvent> Again => _again;

    /// <summary>Those that it refuses for good.</summary>
    public IReadOnlyList<TelemetryEvent> Refused => [.. _refused.Where(each => !_again.Contains(each))];

    /// <summary>Why it refused the first; null where it refused none.</summary>
    public string? Reason { get; private set; }

    /// <summary>Sends events, in as many requests as it takes.</summary>
    /// <inheritdoc cref="LangfuseApi.IngestAsync" path="/exception"/>
    public async Task SendAsync(LangfuseApi api, IReadOnlyList<IngestionEvent> events, CancellationToken cancellationToken)
    {
        var from = 0;
        while (from < events.Count)
        {
            var (to, size) = (from + 1, Envelope + events[from].Json.Length);
            while (to < events.Count && size + events[to].Json.Length + 1 <= MostBytes)
            {
                size += events[to++].Json.Length + 1;
            }

            List<IngestionEvent> part = [.. events.Skip(from).Take(to - from)];
            Read(part, await api.IngestAsync(Write(part), cancellationToken));
            from = to;
        }
    }

    private static ReadOnlyMemory<byte> Write(List<IngestionEvent> events) => LangfuseJson.Object(json =>
    {
        json.WriteStartArray("batch");
        events.ForEach(each => json.WriteRawValue(each.Json.Span, skipInputValidation: true));
        json.WriteEndArray();
    });

    private void Read(List<IngestionEvent> sent, JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("errors", out var errors) || errors.ValueKind != JsonValueKind.Array)
        {
            throw new SinkException($"Langfuse does not say what it took: {SinkHttp.Shown(JsonSerializer.SerializeToUtf8Bytes(answer))}");
        }

        var events = new Dictionary<string, TelemetryEvent>();
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
