using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>A record that was taken.</summary>
internal sealed record FakeRecord(string Key, JsonElement Value);

/// <summary>Kafka's REST proxy as its API v2 speaks: content types by the letter, 200 for records of which some failed, and no topic that nobody has made.</summary>
internal sealed class FakeKafkaRest(params string[] topics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<FakeRecord>> _topics = topics.ToDictionary(topic => topic, _ => new List<FakeRecord>());

    /// <summary>What it wants as Authorization; null for nothing.</summary>
    public string? Authorization { get; init; }

    /// <summary>How a record of a topic fails: the code, 1 for good or 2 for now; null for not at all.</summary>
    public Func<string, JsonElement, int?> Fault { get; set; } = (_, _) => null;

    /// <summary>Whether it leaves out what has no value, as Redpanda's proxy does.</summary>
    public bool IsBrief { get; set; }

    /// <summary>What a topic has.</summary>
    public IReadOnlyList<FakeRecord> Records(string topic)
    {
        lock (_lock)
        {
            return [.. _topics[topic]];
        }
    }

    /// <summary>Makes a topic.</summary>
    public void Make(string topic)
    {
        lock (_lock)
        {
            _topics.Add(topic, []);
        }
    }

    /// <summary>Answers a request.</summary>
    public FakeReply Answer(ReceivedRequest request)
    {
        if (Authorization is not null && request.Headers.Authorization != Authorization)
        {
            return Error(401, 40101, "Unauthorized");
        }

        if (request.Path.Trim('/').Split('/') is not ["topics", var topic] || request.Method != "POST")
        {
            return Error(404, 404, "HTTP 404 Not Found");
        }

        if (request.Headers.ContentType != "application/vnd.kafka.json.v2+json" || request.Headers.ContentEncoding.Count > 0)
        {
            return Error(415, 415, "HTTP 415 Unsupported Media Type");
        }

        if (request.Headers.Accept != "application/vnd.kafka.v2+json")
        {
            return Error(406, 406, "HTTP 406 Not Acceptable");
        }

        lock (_lock)
        {
            if (!_topics.TryGetValue(topic, out var records))
            {
                return Error(404, 40401, "Topic not found.");
            }

            try
            {
                var sent = request.Json.GetProperty("records").EnumerateArray().ToList();
                return sent.Count == 0 || sent.Any(IsUnknown) ? Error(422, 422, "Unrecognized field") : Taken(topic, records, sent);
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException)
            {
                return Error(422, 422, exception.Message);
            }
        }
    }

    private static bool IsUnknown(JsonElement record) => record.EnumerateObject().Any(field => field.Name is not ("key" or "value" or "partition"));

    private static FakeReply Error(int status, int code, string message) =>
        FakeReply.Text(status, "application/vnd.kafka.v2+json", AnswerJson.Line(new() { ["error_code"] = code, ["message"] = message }));

    private FakeReply Taken(string topic, List<FakeRecord> records, List<JsonElement> sent)
    {
        var offsets = new JsonArray();
        foreach (var record in sent)
        {
            if (Fault(topic, record) is { } code)
            {
                offsets.Add(new JsonObject { ["partition"] = null, ["offset"] = null, ["error_code"] = code, ["error"] = $"failed with {code}" });
                continue;
            }

            var offset = new JsonObject { ["partition"] = 0, ["offset"] = records.Count };
            if (!IsBrief)
            {
                offset["error_code"] = null;
                offset["error"] = null;
            }

            offsets.Add(offset);
            records.Add(new FakeRecord(record.GetProperty("key").GetString()!, record.GetProperty("value")));
        }

        return FakeReply.Text(200, "application/vnd.kafka.v2+json", AnswerJson.Line(new() { ["offsets"] = offsets, ["key_schema_id"] = null, ["value_schema_id"] = null }));
    }
}
