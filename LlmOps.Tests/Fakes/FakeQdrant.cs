using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// Qdrant 1.19 as its REST API speaks, in strict mode: points without wait are not to be found at once, ids are numbers or UUIDs,
/// payloads come only where they are asked for, filters need an index, and nothing expires by itself.
/// </summary>
internal sealed class FakeQdrant
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Collection> _collections = [];

    /// <summary>The key it wants; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Its collections' names.</summary>
    public IReadOnlyList<string> Collections
    {
        get
        {
            lock (_lock)
            {
                return [.. _collections.Keys];
            }
        }
    }

    /// <summary>All points, by their ids, as they were sent.</summary>
    public IReadOnlyDictionary<string, JsonObject> Points
    {
        get
        {
            lock (_lock)
            {
                return _collections.Values.SelectMany(collection => collection.Points).ToDictionary(point => point.Key, point => (JsonObject)point.Value.DeepClone());
            }
        }
    }

    /// <summary>The fields that are indexed, with their types.</summary>
    public IReadOnlyDictionary<string, string> Indexes(string collection)
    {
        lock (_lock)
        {
            return new Dictionary<string, string>(_collections[collection].Indexes);
        }
    }

    /// <summary>Loses everything, as a server without its disk.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _collections.Clear();
        }
    }

    /// <summary>An error as it tells one.</summary>
    public static FakeReply Error(int status, string message) =>
        FakeReply.Json(status, AnswerJson.Line(new() { ["status"] = new JsonObject { ["error"] = message }, ["time"] = 0.0001 }));

    /// <summary>Answers a request.</summary>
    public FakeReply Answer(ReceivedRequest request)
    {
        if (ApiKey is not null && request.Headers["api-key"].ToString() != ApiKey)
        {
            return FakeReply.Text(401, "text/plain", "Must provide an API key or an Authorization bearer token");
        }

        var waits = request.Query.TryGetValue("wait", out var wait) && wait == "true";
        lock (_lock)
        {
            return (request.Method, request.Path.Trim('/').Split('/')) switch
            {
                ("GET", ["collections"]) => Ok(new JsonObject { ["collections"] = new JsonArray([.. _collections.Keys.Select(name => new JsonObject { ["name"] = name })]) }),
                ("GET", ["collections", var name, "exists"]) => Ok(new JsonObject { ["exists"] = _collections.ContainsKey(name) }),
                ("PUT", ["collections", var name]) => Create(name, request.JsonObject()),
                (_, ["collections", var name, ..]) when !_collections.ContainsKey(name) => Error(404, $"Not found: Collection `{name}` doesn't exist!"),
                ("GET", ["collections", var name]) => Ok(_collections[name].Info()),
                ("PUT", ["collections", var name, "index"]) => _collections[name].Index(request.JsonObject()),
                ("PUT", ["collections", var name, "points"]) => _collections[name].Upsert(request.JsonObject(), waits),
                ("POST", ["collections", var name, "points", "query"]) => _collections[name].Query(request.JsonObject()),
                ("POST", ["collections", var name, "points", "delete"]) => _collections[name].Delete(request.JsonObject(), waits),
                _ => FakeReply.Head(404),
            };
        }
    }

    private static FakeReply Ok(JsonNode result) => FakeReply.Json(200, AnswerJson.Line(new() { ["result"] = result, ["status"] = "ok", ["time"] = 0.0005 }));

    private static FakeReply Updated(bool waits) => Ok(new JsonObject { ["operation_id"] = 1, ["status"] = waits ? "completed" : "acknowledged" });

    private FakeReply Create(string name, JsonElement body)
    {
        if (_collections.ContainsKey(name))
        {
            return Error(409, $"Wrong input: Collection `{name}` already exists!");
        }

        var vectors = body.GetProperty("vectors");
        if (vectors.GetProperty("distance").GetString() != "Cosine")
        {
            return Error(400, "Format error in JSON body: unknown variant");
        }

        _collections[name] = new Collection(vectors.GetProperty("size").GetInt32());
        return Ok(JsonValue.Create(true));
    }

    private sealed class Collection(int size)
    {
        // Acknowledged, and not yet to be found.
        private readonly List<Action> _later = [];

        public Dictionary<string, JsonObject> Points { get; } = [];

        public Dictionary<string, string> Indexes { get; } = [];

        public JsonObject Info() => new()
        {
            ["status"] = "green",
            ["points_count"] = Points.Count,
            ["config"] = new JsonObject { ["params"] = new JsonObject { ["vectors"] = new JsonObject { ["size"] = size, ["distance"] = "Cosine" } } },
            ["payload_schema"] = new JsonObject(),
        };

        public FakeReply Index(JsonElement body)
        {
            Indexes[body.GetProperty("field_name").GetString()!] = body.GetProperty("field_schema").GetString()!;
            return Updated(waits: true);
        }

        public FakeReply Upsert(JsonElement body, bool waits)
        {
            foreach (var point in body.GetProperty("points").EnumerateArray())
            {
                var id = point.GetProperty("id");
                if (id.ValueKind != JsonValueKind.Number && !Guid.TryParseExact(id.GetString(), "D", out _))
                {
                    return Error(400, $"Format error in JSON body: value {id} is not a valid point ID");
                }

                if (point.GetProperty("vector").GetArrayLength() != size)
                {
                    return Error(400, $"Wrong input: Vector dimension error: expected dim: {size}, got {point.GetProperty("vector").GetArrayLength()}");
                }

                var kept = JsonObject.Create(point)!;
                Do(() => Points[id.ToString()] = kept, waits);
            }

            return Updated(waits);
        }

        public FakeReply Query(JsonElement body)
        {
            var fault = Fault(body.GetProperty("filter"));
            if (fault is not null)
            {
                return fault;
            }

            var vector = body.GetProperty("query").EnumerateArray().Select(number => number.GetSingle()).ToArray();
            if (vector.Length != size)
            {
                return Error(400, $"Wrong input: Vector dimension error: expected dim: {size}, got {vector.Length}");
            }

            var limit = body.TryGetProperty("limit", out var most) ? most.GetInt32() : 10;
            var withPayload = body.TryGetProperty("with_payload", out var wanted) && wanted.GetBoolean();
            var least = body.TryGetProperty("score_threshold", out var threshold) ? threshold.GetSingle() : float.MinValue;
            var found = Points.Values.Where(point => Matches(point, body.GetProperty("filter")))
                .Select(point => (Point: point, Score: Cosine(vector, [.. point["vector"]!.AsArray().Select(number => number!.GetValue<float>())])))
                .Where(each => each.Score >= least).OrderByDescending(each => each.Score).Take(limit).ToList();
            FlushLater();
            return Ok(new JsonObject
            {
                ["points"] = new JsonArray([.. found.Select(each => new JsonObject
                {
                    ["id"] = each.Point["id"]!.DeepClone(), ["version"] = 3, ["score"] = each.Score, ["payload"] = withPayload ? each.Point["payload"]!.DeepClone() : null,
                })]),
            });
        }

        public FakeReply Delete(JsonElement body, bool waits)
        {
            if (body.TryGetProperty("points", out var ids))
            {
                var removed = ids.EnumerateArray().Select(id => id.ToString()).ToList();
                Do(() => removed.ForEach(id => Points.Remove(id)), waits);
                return Updated(waits);
            }

            var filter = body.GetProperty("filter").Clone();
            if (Fault(filter) is { } fault)
            {
                return fault;
            }

            Do(() => Points.Where(point => Matches(point.Value, filter)).Select(point => point.Key).ToList().ForEach(id => Points.Remove(id)), waits);
            return Updated(waits);
        }

        private void Do(Action change, bool waits)
        {
            if (waits)
            {
                change();
            }
            else
            {
                _later.Add(change);
            }
        }

        private void FlushLater()
        {
            _later.ForEach(change => change());
            _later.Clear();
        }

        private FakeReply? Fault(JsonElement filter)
        {
            if (filter.EnumerateObject().Any(field => field.Name is not ("must" or "must_not" or "should" or "min_should")))
            {
                return Error(400, $"Format error in JSON body: unknown field in {filter}");
            }

            foreach (var condition in filter.GetProperty("must").EnumerateArray())
            {
                var key = condition.GetProperty("key").GetString()!;
                var type = condition.TryGetProperty("match", out _) ? "keyword" : "integer";
                if (Indexes.GetValueOrDefault(key) != type)
                {
                    return Error(400, $"Bad request: Index required but not found for \"{key}\" of one of the following types: [{type}].");
                }
            }

            return null;
        }

        private static bool Matches(JsonObject point, JsonElement filter) => filter.GetProperty("must").EnumerateArray().All(condition =>
        {
            var value = point["payload"]![condition.GetProperty("key").GetString()!];
            if (condition.TryGetProperty("match", out var match))
            {
                return value?.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == match.GetProperty("value").GetString();
            }

            return value?.GetValueKind() == JsonValueKind.Number && condition.GetProperty("range").EnumerateObject().All(bound =>
            {
                var (number, limit) = (double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture), bound.Value.GetDouble());
                return bound.Name switch { "gt" => number > limit, "gte" => number >= limit, "lt" => number < limit, "lte" => number <= limit, _ => throw new InvalidOperationException(bound.Name) };
            });
        });

        private static float Cosine(float[] one, float[] other) =>
            (float)(one.Zip(other, (x, y) => (double)x * y).Sum() / Math.Sqrt(one.Sum(x => (double)x * x) * other.Sum(x => (double)x * x)));
    }
}
