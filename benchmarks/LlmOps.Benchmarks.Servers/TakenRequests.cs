using System.Text.Json;

namespace LlmOps.Benchmarks.Servers;

/// <summary>The gateway's requests that a sink has been told of, by their ids. Thread-safe.</summary>
/// <param name="sink">The sink's name.</param>
internal sealed class TakenRequests(string sink)
{
    private const string RequestTopic = "llm-requests";
    private const int OneCallOf = 4;
    private const int OneRecordOf = 10;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _ids = [];
    private readonly HashSet<(long Step, long Time, long Value)> _sums = [];
    private long _repeated;

    /// <summary>What came: requests, each once; how often one came again; and the sum of MLflow's metric "requests", each value once.</summary>
    public object Counts
    {
        get
        {
            lock (_lock)
            {
                return new { Unique = _ids.Count, Repeated = _repeated, Summed = _sums.Sum(sum => sum.Value) };
            }
        }
    }

    /// <summary>Takes what a body has, but for what fails.</summary>
    /// <returns>The answer; null for the usual one.</returns>
    public SinkAnswer? Take(string path, byte[] body, SinkFaults faults)
    {
        lock (_lock)
        {
            return path[(sink.Length + 2)..] switch
            {
                "api/public/ingestion" => Ingest(body, faults),
                "api/public/otel/v1/traces" or "v1/traces" => Export(OtlpTraces.Ids(body), faults),
                "api/2.0/mlflow/runs/log-batch" => Sum(body, faults),
                ['t', 'o', 'p', 'i', 'c', 's', '/', .. var topic] => Produce(topic, body, faults),
                _ => null,
            };
        }
    }

    private SinkAnswer Ingest(byte[] body, SinkFaults faults)
    {
        using var json = JsonDocument.Parse(body);
        List<object> errors = [];
        foreach (var sent in json.RootElement.GetProperty("batch").EnumerateArray())
        {
            var (id, about, isTrace) = (sent.GetProperty("id").GetString(), sent.GetProperty("body"), sent.GetProperty("type").GetString() == "trace-create");
            var trace = about.GetProperty(isTrace ? "id" : "traceId").GetString()!;
            if (IsRefused(trace, faults))
            {
                errors.Add(new { id, status = 400, message = "Invalid request data" });
            }
            else if (faults.Fails(OneRecordOf))
            {
                errors.Add(new { id, status = 500, message = "Internal Server Error" });
            }
            else if (isTrace)
            {
                Add(trace);
            }
        }

        return new SinkAnswer(207, JsonSerializer.Serialize(new { successes = Array.Empty<object>(), errors }));
    }

    // All spans or none; where the call fails, nobody knows which.
    private SinkAnswer? Export(IReadOnlyCollection<string> traces, SinkFaults faults)
    {
        if (sink == "langfuse" && traces.Any(trace => IsRefused(trace, faults)))
        {
            return new SinkAnswer(400, """{"message":"Invalid request data","error":"InvalidRequestError"}""");
        }

        foreach (var trace in traces)
        {
            Add(trace);
        }

        return Failed(faults);
    }

    private SinkAnswer? Sum(byte[] body, SinkFaults faults)
    {
        using var json = JsonDocument.Parse(body);
        if (json.RootElement.TryGetProperty("metrics", out var metrics))
        {
            _sums.UnionWith(metrics.EnumerateArray().Where(metric => metric.GetProperty("key").GetString() == "requests")
                .Select(metric => (metric.GetProperty("step").GetInt64(), metric.GetProperty("timestamp").GetInt64(), metric.GetProperty("value").GetInt64())));
        }

        return Failed(faults);
    }

    private SinkAnswer Produce(string topic, byte[] body, SinkFaults faults)
    {
        using var json = JsonDocument.Parse(body);
        List<object> offsets = [];
        foreach (var record in json.RootElement.GetProperty("records").EnumerateArray())
        {
            var key = record.GetProperty("key").GetString()!;
            int? code = IsRefused(key, faults) ? 1 : faults.Fails(OneRecordOf) ? 2 : null;
            offsets.Add(new { partition = 0, offset = code is null ? 0 : -1, error_code = code, error = code is null ? null : "failed" });
            if (code is null && topic == RequestTopic)
            {
                Add(key);
            }
        }

        return new SinkAnswer(200, JsonSerializer.Serialize(new { offsets }));
    }

    private static SinkAnswer? Failed(SinkFaults faults) => faults.Fails(OneCallOf) ? new SinkAnswer(500, "<html>Internal Server Error</html>") : null;

    // Whoever has one does not refuse it later, when it is told of it again.
    private bool IsRefused(string id, SinkFaults faults) => faults.Refuses(id) && !_ids.Contains(id);

    private void Add(string id) => _repeated += _ids.Add(id) ? 0 : 1;
}
