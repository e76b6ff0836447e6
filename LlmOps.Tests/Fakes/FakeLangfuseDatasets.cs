using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// Langfuse's datasets: one of a name, items by an id that is unique in the project, runs whose items are added each time (2 and 3), and
/// experiments that are read off spans (4).
/// </summary>
internal sealed class FakeLangfuseDatasets
{
    private const int MostOfPage = 100;
    private const string Now = "2026-11-20T09:30:00.000Z";

    private readonly Dictionary<string, JsonObject> _datasets = [];
    private readonly Dictionary<string, JsonElement> _items = [];
    private readonly List<JsonElement> _runItems = [];

    /// <summary>The datasets' names.</summary>
    public IReadOnlyList<string> Names => [.. _datasets.Keys];

    /// <summary>The items, as they were sent last.</summary>
    public IReadOnlyList<JsonElement> Items => [.. _items.Values];

    /// <summary>What was added to runs, as it was sent.</summary>
    public IReadOnlyList<JsonElement> RunItems => [.. _runItems];

    /// <summary>The id of a dataset.</summary>
    public static string IdOf(string name) => $"dataset-of-{name}";

    public FakeReply Create(JsonElement body)
    {
        if (body.TextAt("name") is not { Length: > 0 } name)
        {
            return Invalid();
        }

        _datasets[name] = new JsonObject { ["id"] = IdOf(name), ["name"] = name, ["projectId"] = "project", ["createdAt"] = Now, ["updatedAt"] = Now };
        return FakeReply.Json(200, AnswerJson.Line(_datasets[name]));
    }

    public FakeReply PutItem(JsonElement body)
    {
        if (body.TextAt("id") is not { Length: > 0 and <= 255 } id || body.TextAt("datasetName") is not { } dataset)
        {
            return Invalid();
        }

        if (!_datasets.ContainsKey(dataset))
        {
            return FakeLangfuse.Error(404, "LangfuseNotFoundError", "Dataset not found");
        }

        if (_items.TryGetValue(id, out var there) && there.TextAt("datasetName") != dataset)
        {
            return FakeLangfuse.Error(404, "LangfuseNotFoundError", $"Dataset item with id {id} not found for project project");
        }

        _items[id] = body;
        return FakeReply.Json(200, AnswerJson.Line(new() { ["id"] = id, ["status"] = "ACTIVE", ["datasetId"] = IdOf(dataset), ["datasetName"] = dataset, ["createdAt"] = Now, ["updatedAt"] = Now }));
    }

    public FakeReply AddToRun(JsonElement body)
    {
        if (body.TextAt("runName") is not { Length: > 0 } run || body.TextAt("datasetItemId") is not { } item)
        {
            return Invalid();
        }

        if (!_items.ContainsKey(item) || body.TextAt("traceId") is null)
        {
            return FakeLangfuse.Error(404, "LangfuseNotFoundError", "Dataset item not found");
        }

        _runItems.Add(body);
        return FakeReply.Json(200, AnswerJson.Line(RunItem(body, run)));
    }

    public FakeReply FindRun(string dataset, string run)
    {
        var items = _runItems.Where(item => item.TextAt("runName") == run && _items[item.TextAt("datasetItemId")!].TextAt("datasetName") == dataset).ToList();
        return items.Count == 0
            ? FakeLangfuse.Error(404, "LangfuseNotFoundError", "Dataset run not found")
            : FakeReply.Json(200, AnswerJson.Line(new()
            {
                ["id"] = $"run-{run}", ["name"] = run, ["datasetId"] = IdOf(dataset), ["datasetName"] = dataset, ["createdAt"] = Now, ["updatedAt"] = Now,
                ["datasetRunItems"] = new JsonArray([.. items.Select(item => RunItem(item, run))]),
            }));
    }

    /// <summary>The items of an experiment: its traces' first spans.</summary>
    public static FakeReply ExperimentItems(ReceivedRequest request, IReadOnlyList<DecodedSpan> spans)
    {
        var query = request.Query;
        if (!query.TryGetValue("fromStartTime", out var since) || !DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, out var from) || !query.TryGetValue("limit", out var limit)
            || int.Parse(limit.ToString(), CultureInfo.InvariantCulture) is not (> 0 and <= MostOfPage and var most))
        {
            return Invalid();
        }

        var items = spans.Where(span => span.Attributes.GetValueOrDefault("langfuse.experiment.id")?.ToString() == query["experimentId"].ToString()
            && span.SpanId == (string)span.Attributes["langfuse.experiment.item.root_observation_id"] && span.Start >= (ulong)from.ToUnixTimeMilliseconds() * 1_000_000).ToList();
        var start = query.TryGetValue("cursor", out var cursor) ? int.Parse(cursor.ToString()[1..], CultureInfo.InvariantCulture) : 0;
        var meta = new JsonObject();
        if (start + most < items.Count)
        {
            meta["cursor"] = $"c{start + most}";
        }

        var data = items.Skip(start).Take(most).Select(span => new JsonObject { ["id"] = span.SpanId, ["traceId"] = span.TraceId, ["experimentId"] = query["experimentId"].ToString() });
        return FakeReply.Json(200, AnswerJson.Line(new() { ["data"] = new JsonArray([.. data]), ["meta"] = meta }));
    }

    private static JsonObject RunItem(JsonElement sent, string run) => new()
    {
        ["id"] = Guid.NewGuid().ToString(), ["datasetRunId"] = $"run-{run}", ["datasetRunName"] = run, ["datasetItemId"] = sent.TextAt("datasetItemId"), ["traceId"] = sent.TextAt("traceId"),
        ["createdAt"] = Now, ["updatedAt"] = Now,
    };

    private static FakeReply Invalid() => FakeLangfuse.Error(400, "InvalidRequestError", "Invalid request data");
}
