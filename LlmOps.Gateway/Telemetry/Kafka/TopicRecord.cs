using System.Text.Json;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>What is told of an event in one topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Event">The event.</param>
/// <param name="Value">A JSON object, which has the event's id as event_id.</param>
internal sealed record TopicRecord(string Topic, TelemetryEvent Event, byte[] Value)
{
    /// <summary>The records of events: each request as a whole, its numbers, and, where it failed, how; topic by topic.</summary>
    public static IReadOnlyList<TopicRecord> Of(IReadOnlyList<TelemetryEvent> events, KafkaOptions topics)
    {
        var requests = events.OfType<RequestTrace>().ToList();
        return
        [
            .. requests.Select(request => new TopicRecord(topics.RequestTopic, request, TelemetryJson.Write(request))),
            .. requests.Select(request => new TopicRecord(topics.MetricsTopic, request, JsonSerializer.SerializeToUtf8Bytes(RequestNumbers.Of(request), EventJson.Default.RequestNumbers))),
            .. requests.Where(request => request.Request.Outcome != LedgerEntry.Ok)
                .Select(request => new TopicRecord(topics.ErrorTopic, request, JsonSerializer.SerializeToUtf8Bytes(RequestFailure.Of(request), EventJson.Default.RequestFailure))),
        ];
    }
}
