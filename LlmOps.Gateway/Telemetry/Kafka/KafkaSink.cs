using System.Buffers;
using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>
/// Kafka, through the REST proxy API v2. A request has records in up to three topics, each with the request's id as its key and as its
/// event_id: where one of them is not taken all are sent again, and who reads them knows by that id what came before.
/// </summary>
internal sealed class KafkaSink(SinkHttp http, KafkaOptions options) : ISink, IDisposable
{
    private const string RecordsType = "application/vnd.kafka.json.v2+json";
    private const string AnswerType = "application/vnd.kafka.v2+json";

    // Of the proxy's two codes of a record: it will never be taken; the other one is that it may be, later.
    private const int NotRetriable = 1;

    /// <inheritdoc/>
    public string Name => "kafka";

    /// <summary>The sink; null where Kafka is not enabled.</summary>
    public static KafkaSink? Create(TelemetryOptions options)
    {
        var kafka = options.Kafka;
        return kafka is { Enabled: true, RestUrl: { } address }
            ? new KafkaSink(new SinkHttp("kafka", address, options.Delivery.Timeout, kafka.Username is { } user ? SinkHttp.Basic(user, kafka.Password?.Reveal() ?? "") : null), kafka)
            : null;
    }

    /// <inheritdoc/>
    public bool Takes(TelemetryEvent telemetry) => telemetry is RequestTrace;

    /// <inheritdoc/>
    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        var (again, rejected) = (new HashSet<TelemetryEvent>(ReferenceEqualityComparer.Instance), new HashSet<TelemetryEvent>(ReferenceEqualityComparer.Instance));
        string? reason = null;
        foreach (var topic in TopicRecord.Of(events, options).GroupBy(record => record.Topic))
        {
            var records = topic.ToList();
            foreach (var (record, fault) in records.Zip(await PostAsync(topic.Key, records, cancellationToken)))
            {
                if (fault is { Code: NotRetriable })
                {
                    rejected.Add(record.Event);
                    reason ??= $"{topic.Key}: {fault.Message}";
                }
                else if (fault is not null)
                {
                    again.Add(record.Event);
                }
            }
        }

        // What is sent again is refused again then, and is counted once.
        rejected.ExceptWith(again);
        return new SinkReply { Rejected = rejected.Count, Reason = rejected.Count == 0 ? null : reason, Again = [.. events.Where(again.Contains)] };
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    // The faults of records, in their order; null for those that were taken.
    private async Task<IReadOnlyList<RecordFault?>> PostAsync(string topic, List<TopicRecord> records, CancellationToken cancellationToken)
    {
        var (status, answer) = await http.SendAsync(
            HttpMethod.Post, $"topics/{topic}", Body(records), RecordsType, compress: false, headers => headers.TryAddWithoutValidation("Accept", AnswerType), cancellationToken);
        if (status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Somebody may make the topic: nothing is lost until then.
            throw new SinkException($"kafka has no topic {topic}: {SinkHttp.Shown(answer)}");
        }

        try
        {
            using var json = JsonDocument.Parse(answer);
            var faults = json.RootElement.GetProperty("offsets").EnumerateArray().Select(RecordFault.Of).ToList();
            return faults.Count == records.Count ? faults : throw new SinkException($"kafka answers for {faults.Count} records of {records.Count} that it was sent.");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SinkException($"kafka's address does not answer as a REST proxy: {SinkHttp.Shown(answer)}", exception);
        }
    }

    private static ReadOnlyMemory<byte> Body(List<TopicRecord> records)
    {
        var body = new ArrayBufferWriter<byte>(records.Sum(record => record.Value.Length + 100));
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("records");
            foreach (var record in records)
            {
                writer.WriteStartObject();
                writer.WriteString("key", record.Event.EventId);
                writer.WritePropertyName("value");
                writer.WriteRawValue(record.Value, skipInputValidation: true);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    private sealed record RecordFault(int Code, string? Message)
    {
        public static RecordFault? Of(JsonElement offset) =>
            offset.TryGetProperty("error_code", out var code) && code.ValueKind != JsonValueKind.Null
                ? new RecordFault(code.GetInt32(), offset.TryGetProperty("error", out var error) ? error.GetString() : null)
                : null;
    }
}
