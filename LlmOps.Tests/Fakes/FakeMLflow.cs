using System.IO.Compression;
using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// MLflow's tracking server as its REST API speaks: the limits of a batch, parameters that cannot be changed, metrics that are kept once,
/// the check of the host, artifacts through the server, and the receiver of traces.
/// </summary>
internal sealed class FakeMLflow
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FakeExperiment> _experiments = [];
    private readonly Dictionary<string, FakeRun> _runs = [];
    private readonly Dictionary<string, byte[]> _artifacts = [];
    private readonly Dictionary<(string Trace, string Span), (string Experiment, DecodedSpan Span)> _spans = [];

    /// <summary>Its version; it receives traces from 3.6 on.</summary>
    public string Version { get; set; } = "3.7.0";

    /// <summary>The Host headers that it answers, with * for anything; null for all.</summary>
    public IReadOnlyList<string>? AllowedHosts { get; set; }

    /// <summary>Whether it stores in files, and so keeps no traces.</summary>
    public bool StoresInFiles { get; set; }

    /// <summary>Whether it runs with --serve-artifacts.</summary>
    public bool ServesArtifacts { get; set; } = true;

    /// <summary>Where artifacts of experiments lie that are made from now on.</summary>
    public string ArtifactRoot { get; set; } = "mlflow-artifacts:/";

    /// <summary>Most runs that a search gives at once.</summary>
    public int RunsOfPage { get; set; } = 1000;

    /// <summary>Whether a span cannot be kept.</summary>
    public Func<DecodedSpan, bool> RefusesSpan { get; set; } = _ => false;

    /// <summary>What it wants as Authorization; null for nothing.</summary>
    public string? Authorization { get; init; }

    /// <summary>Its experiments.</summary>
    public IReadOnlyList<FakeExperiment> Experiments => Locked(() => _experiments.Values.ToList());

    /// <summary>Its runs, in the order in which they were made.</summary>
    public IReadOnlyList<FakeRun> Runs => Locked(() => _runs.Values.ToList());

    /// <summary>Its artifacts, by path.</summary>
    public IReadOnlyDictionary<string, string> Artifacts => Locked(() => _artifacts.ToDictionary(artifact => artifact.Key, artifact => Encoding.UTF8.GetString(artifact.Value)));

    /// <summary>The spans that it has, with their experiments; each once.</summary>
    public IReadOnlyList<(string Experiment, DecodedSpan Span)> Spans => Locked(() => _spans.Values.ToList());

    /// <summary>Makes an experiment.</summary>
    public FakeExperiment Make(string name) => Locked(() =>
    {
        var made = new FakeExperiment(name, $"{_experiments.Count + 1}", ArtifactRoot);
        _experiments.Add(name, made);
        return made;
    });

    /// <summary>Removes all runs for good, as mlflow gc does.</summary>
    public void RemoveRuns() => Locked(() =>
    {
        _runs.Clear();
        return true;
    });

    /// <summary>Answers a request.</summary>
    public FakeReply Answer(ReceivedRequest request)
    {
        var path = request.Path.Trim('/');
        if (path == "version")
        {
            return FakeReply.Text(200, "text/html", Version);
        }

        var host = request.Headers.Host.ToString();
        if (AllowedHosts?.Any(allowed => FileSystemName.MatchesSimpleExpression(allowed, host)) == false)
        {
            return FakeReply.Text(403, "text/plain", "Invalid Host header - possible DNS rebinding attack detected");
        }

        if (Authorization is not null && request.Headers.Authorization != Authorization)
        {
            return FakeReply.Text(401, "text/plain", "You are not authenticated.");
        }

        return Locked(() =>
        {
            try
            {
                return (request.Method, path.Split('/')) switch
                {
                    ("POST", ["v1", "traces"]) => Traces(request),
                    ("PUT", ["api", "2.0", "mlflow-artifacts", "artifacts", .. var parts]) => Put(string.Join('/', parts.Select(Uri.UnescapeDataString)), request.Body),
                    ("GET", ["api", "2.0", "mlflow", "experiments", "get-by-name"]) => Experiment(request.Query["experiment_name"].ToString()),
                    ("POST", ["api", "2.0", "mlflow", .. var call]) when request.Headers.ContentType == "application/json" => Call(string.Join('/', call), request),
                    ("POST", ["api", "2.0", "mlflow", ..]) => throw new Refusal("INVALID_PARAMETER_VALUE", "Bad Request. Content-Type must be 'application/json'."),
                    _ => FakeReply.Text(404, "text/html", "<title>404 Not Found</title>"),
                };
            }
            catch (Refusal refusal)
            {
                return FakeReply.Json(refusal.Code == "RESOURCE_DOES_NOT_EXIST" ? 404 : 400, AnswerJson.Line(new() { ["error_code"] = refusal.Code, ["message"] = refusal.Message }));
            }
        });
    }

    private FakeReply Call(string name, ReceivedRequest request) => name switch
    {
        "experiments/create" => Create(request.JsonObject().GetProperty("name").GetString()!),
        "runs/create" => CreateRun(request.JsonObject()),
        "runs/search" => Search(request.JsonObject()),
        "runs/update" => Update(request.JsonObject()),
        "runs/log-batch" when request.Body.Length > 1_000_000 => throw new Refusal("INVALID_PARAMETER_VALUE", "Batched logging API requests must be at most 1000000 bytes"),
        "runs/log-batch" => Log(request.JsonObject()),
        _ => FakeReply.Text(404, "text/html", "<title>404 Not Found</title>"),
    };

    private FakeReply Experiment(string name) => _experiments.TryGetValue(name, out var found)
        ? Ok(new JsonObject { ["experiment"] = new JsonObject { ["experiment_id"] = found.Id, ["name"] = name, ["artifact_location"] = $"{found.ArtifactRoot}{found.Id}", ["lifecycle_stage"] = found.Stage } })
        : throw new Refusal("RESOURCE_DOES_NOT_EXIST", $"Could not find experiment with name '{name}'");

    private FakeReply Create(string name) => _experiments.ContainsKey(name)
        ? throw new Refusal("RESOURCE_ALREADY_EXISTS", $"Experiment '{name}' already exists.")
        : Ok(new JsonObject { ["experiment_id"] = Make(name).Id });

    private FakeReply CreateRun(JsonElement body)
    {
        var experiment = _experiments.Values.SingleOrDefault(each => each.Id == body.GetProperty("experiment_id").GetString());
        if (experiment is not { Stage: "active" })
        {
            throw new Refusal(experiment is null ? "RESOURCE_DOES_NOT_EXIST" : "INVALID_PARAMETER_VALUE", "The experiment must be in the 'active' state.");
        }

        var id = Guid.CreateVersion7().ToString("N");
        var run = new FakeRun(id, experiment.Id, body.GetProperty("run_name").GetString()!, body.GetProperty("start_time").GetInt64());
        foreach (var (key, value) in FakeRun.Pairs(body, "tags", longest: 5000))
        {
            run.Tags[key] = value;
        }

        _runs.Add(id, run);
        return Ok(new JsonObject { ["run"] = Shown(run) });
    }

    private JsonObject Shown(FakeRun run)
    {
        var tags = run.Tags.Select(tag => new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value });
        var root = _experiments.Values.Single(each => each.Id == run.Experiment).ArtifactRoot;
        return new JsonObject
        {
            ["info"] = new JsonObject { ["run_id"] = run.Id, ["artifact_uri"] = $"{root}{run.Experiment}/{run.Id}/artifacts", ["status"] = run.Status },
            ["data"] = new JsonObject { ["tags"] = new JsonArray([.. tags]) },
        };
    }

    // Of the language of filters, what is asked here.
    private FakeReply Search(JsonElement body)
    {
        var filter = Regex.Match(body.TextAt("filter") ?? "", @"^tags\.(\w+) = '([^']*)'$");
        if (!filter.Success)
        {
            throw new Refusal("INVALID_PARAMETER_VALUE", "Invalid clause(s) in filter string");
        }

        var experiments = body.ListAt("experiment_ids").Select(id => id.GetString()).ToList();
        var found = _runs.Values.Where(run => experiments.Contains(run.Experiment) && run.Stage == "active" && run.Tags.GetValueOrDefault(filter.Groups[1].Value) == filter.Groups[2].Value).ToList();
        var (from, most) = (int.Parse(body.TextAt("page_token") ?? "0", System.Globalization.CultureInfo.InvariantCulture), Math.Min(RunsOfPage, body.GetProperty("max_results").GetInt32()));
        var answer = new JsonObject { ["runs"] = new JsonArray([.. found.Skip(from).Take(most).Select(Shown)]) };
        if (from + most < found.Count)
        {
            answer["next_page_token"] = $"{from + most}";
        }

        return Ok(answer);
    }

    private FakeReply Update(JsonElement body)
    {
        var run = Run(body);
        var status = body.GetProperty("status").GetString()!;
        run.Status = status is "RUNNING" or "SCHEDULED" or "FINISHED" or "FAILED" or "KILLED" ? status : throw new Refusal("INVALID_PARAMETER_VALUE", "Invalid value for parameter 'status'");
        run.EndTime = body.GetProperty("end_time").GetInt64();
        return Ok([]);
    }

    private FakeReply Log(JsonElement body)
    {
        Run(body).Log(body);
        return Ok([]);
    }

    private FakeRun Run(JsonElement body)
    {
        var id = body.GetProperty("run_id").GetString()!;
        var run = _runs.GetValueOrDefault(id) ?? throw new Refusal("RESOURCE_DOES_NOT_EXIST", $"Run with id={id} not found");
        return run.Stage == "active" ? run : throw new Refusal("INVALID_PARAMETER_VALUE", $"The run {id} must be in the 'active' state. Current state is {run.Stage}.");
    }

    private FakeReply Put(string path, byte[] content)
    {
        if (!ServesArtifacts)
        {
            return FakeReply.Text(503, "text/plain", "Endpoint: /api/2.0/mlflow-artifacts/artifacts disabled due to the mlflow server running with `--no-serve-artifacts`. To enable artifacts server functionality, run `mlflow server` with `--serve-artifacts`");
        }

        if (!Regex.IsMatch(path, "^[0-9]+/[0-9a-f]{32}/artifacts/[^/].*$") || path.Contains("..", StringComparison.Ordinal))
        {
            throw new Refusal("INVALID_PARAMETER_VALUE", "Invalid path");
        }

        _artifacts[path] = content;
        return Ok([]);
    }

    private FakeReply Traces(ReceivedRequest request)
    {
        if (System.Version.Parse(Version) < new Version(3, 6))
        {
            return FakeReply.Json(404, """{"detail":"Not Found"}""");
        }

        var experiment = request.Headers["x-mlflow-experiment-id"].ToString();
        if (experiment.Length == 0)
        {
            return Detail(422, "Field required");
        }

        if (request.Headers.ContentType != "application/x-protobuf")
        {
            return Detail(400, $"Invalid Content-Type: {request.Headers.ContentType}. Expected: application/x-protobuf");
        }

        IReadOnlyList<DecodedSpan> spans;
        try
        {
            spans = OtlpDecoder.Decode(request.Headers.ContentEncoding == "gzip" ? Unzip(request.Body) : request.Body);
        }
        catch (InvalidDataException)
        {
            return Detail(400, "Invalid OpenTelemetry protobuf format");
        }

        if (spans.Count == 0)
        {
            return Detail(400, "Invalid OpenTelemetry protobuf format - no spans found");
        }

        if (StoresInFiles)
        {
            return Detail(501, "REST OTLP span logging is not supported by FileStore");
        }

        if (!_experiments.Values.Any(each => each.Id == experiment && each.Stage == "active") || spans.Any(RefusesSpan))
        {
            return Detail(422, "Failed to log OpenTelemetry spans");
        }

        foreach (var span in spans)
        {
            _spans[(span.TraceId, span.SpanId)] = (experiment, span);
        }

        return FakeReply.Head(200, ("Content-Type", "application/x-protobuf"));
    }

    private static FakeReply Detail(int status, string detail) => FakeReply.Json(status, AnswerJson.Line(new() { ["detail"] = detail }));

    private static FakeReply Ok(JsonObject body) => FakeReply.Json(200, AnswerJson.Line(body));

    private static byte[] Unzip(byte[] body)
    {
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }

    /// <summary>An error of the API.</summary>
    internal sealed class Refusal(string code, string message) : Exception(message)
    {
        public string Code => code;
    }
}

/// <summary>An experiment.</summary>
internal sealed class FakeExperiment(string name, string id, string artifactRoot)
{
    public string Name => name;

    public string Id => id;

    public string ArtifactRoot => artifactRoot;

    /// <summary>active, or deleted, which keeps the name.</summary>
    public string Stage { get; set; } = "active";
}
