using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// Langfuse as versions 2, 3 and 4 speak: what its ingestion API refuses event by event under a 207, which paths a version has, and
/// that spans are taken all or none.
/// </summary>
internal sealed class FakeLangfuse
{
    public const string PublicKey = "pk-lf-1234";
    public const string SecretKey = "sk-lf-5678";

    private const int FirstOtlpMinor = 22;
    private const int MostBytes = 4_500_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _envelopes = [];
    private readonly Dictionary<string, JsonElement> _bodies = [];
    private readonly List<DecodedSpan> _spans = [];
    private volatile string _version;

    /// <param name="version">Such as 3.22.0.</param>
    public FakeLangfuse(string version) => _version = version;

    /// <summary>Its version, which an upgrade changes.</summary>
    public string Version
    {
        get => _version;
        set => _version = value;
    }

    /// <summary>The first number of the version.</summary>
    public int Major => Numbers[0];

    /// <summary>Its registry of prompts.</summary>
    public FakeLangfusePrompts Prompts { get; } = new();

    /// <summary>Its datasets.</summary>
    public FakeLangfuseDatasets Datasets { get; } = new();

    /// <summary>The status of an event that is to fail; null where it is not.</summary>
    public Func<JsonElement, int?> Fails { get; set; } = _ => null;

    /// <summary>What ingestion events have made, by the type of the event and the id of the thing.</summary>
    public IReadOnlyDictionary<string, JsonElement> Bodies
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<string, JsonElement>(_bodies);
            }
        }
    }

    /// <summary>The spans that OTLP has brought.</summary>
    public IReadOnlyList<DecodedSpan> Spans
    {
        get
        {
            lock (_lock)
            {
                return [.. _spans];
            }
        }
    }

    /// <summary>The events that came again, and were passed over.</summary>
    public int Repeated { get; private set; }

    private int[] Numbers => [.. _version.Split('.').Select(int.Parse)];

    private bool TakesOtlp => Numbers is [> 3, ..] or [3, >= FirstOtlpMinor, ..];

    /// <summary>What ingestion events of a type have made.</summary>
    public List<JsonElement> Made(string type) => [.. Bodies.Where(each => each.Key.StartsWith(type + " ", StringComparison.Ordinal)).Select(each => each.Value)];

    /// <summary>Answers a request.</summary>
    public FakeReply Answer(ReceivedRequest request)
    {
        lock (_lock)
        {
            if ((request.Method, request.Path) == ("GET", "/api/public/health"))
            {
                return FakeReply.Json(200, AnswerJson.Line(new() { ["status"] = "OK", ["version"] = _version }));
            }

            if (request.Headers.Authorization.ToString() != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{PublicKey}:{SecretKey}"))}")
            {
                return Error(401, "Unauthorized", "Invalid credentials. Confirm that you've configured the correct host.");
            }

            return (request.Method, request.Path.Trim('/').Split('/')) switch
            {
                ("POST", ["api", "public", "ingestion"]) => Ingest(request),
                ("POST", ["api", "public", "otel", "v1", "traces"]) when TakesOtlp => Export(request),
                ("GET", ["api", "public", "v2", "prompts", var name]) => Prompts.Find(name, request),
                ("POST", ["api", "public", "v2", "prompts"]) => Prompts.Create(request.JsonObject()),
                ("PATCH", ["api", "public", "v2", "prompts", var name, "versions", var version]) when Major >= 3 => Prompts.Move(name, version, request.JsonObject()),
                ("POST", ["api", "public", "v2", "datasets"]) => Datasets.Create(request.JsonObject()),
                ("POST", ["api", "public", "dataset-items"]) => Datasets.PutItem(request.JsonObject()),
                ("POST", ["api", "public", "dataset-run-items"]) when Major < 4 => Datasets.AddToRun(request.JsonObject()),
                ("GET", ["api", "public", "datasets", var name, "runs", var run]) when Major < 4 => Datasets.FindRun(Uri.UnescapeDataString(name), Uri.UnescapeDataString(run)),
                ("GET", ["api", "public", "experiment-items"]) when Major >= 4 => FakeLangfuseDatasets.ExperimentItems(request, _spans),
                _ => FakeReply.Text(404, "text/html", "<!DOCTYPE html><title>404: This page could not be found</title>"),
            };
        }
    }

    /// <summary>An error as it tells one.</summary>
    public static FakeReply Error(int status, string error, string message) => FakeReply.Json(status, AnswerJson.Line(new() { ["message"] = message, ["error"] = error }));

    private FakeReply Ingest(ReceivedRequest request)
    {
        if (request.Body.Length > MostBytes)
        {
            return FakeReply.Text(413, "text/plain", "Body exceeded 4.5mb limit");
        }

        // Nothing unpacks what is compressed here.
        if (request.JsonObject().At("batch") is not { ValueKind: JsonValueKind.Array } batch)
        {
            return Error(400, "InvalidRequestError", "Invalid request data");
        }

        JsonArray successes = [], errors = [];
        foreach (var each in batch.EnumerateArray())
        {
            if (Fails(each) is { } status)
            {
                errors.Add(Outcome(each, status, "Failed by the test"));
            }
            else if (LangfuseEventCheck.Fault(each, Major) is { } fault)
            {
                errors.Add(Outcome(each, 400, fault));
            }
            else
            {
                Take(each);
                successes.Add(Outcome(each, 201, null));
            }
        }

        return FakeReply.Json(207, AnswerJson.Line(new() { ["successes"] = successes, ["errors"] = errors }));
    }

    private void Take(JsonElement taken)
    {
        if (!_envelopes.Add(taken.TextAt("id")!))
        {
            Repeated++;
            return;
        }

        _bodies[$"{taken.TextAt("type")} {taken.At("body").TextAt("id")}"] = taken.At("body");
    }

    private static JsonObject Outcome(JsonElement of, int status, string? fault)
    {
        var outcome = new JsonObject { ["id"] = of.TextAt("id"), ["status"] = status };
        if (fault is not null)
        {
            outcome["message"] = "Invalid request data";
            outcome["error"] = fault;
        }

        return outcome;
    }

    private FakeReply Export(ReceivedRequest request)
    {
        if (request.Headers.ContentType.ToString() != "application/x-protobuf")
        {
            return Error(400, "InvalidRequestError", $"Invalid content type {request.Headers.ContentType}");
        }

        if (!int.TryParse(request.Headers["x-langfuse-ingestion-version"].ToString() is { Length: > 0 } told ? told : "0", out var version) || version > 4)
        {
            return Error(400, "InvalidRequestError", "Invalid x-langfuse-ingestion-version");
        }

        try
        {
            _spans.AddRange(OtlpDecoder.Decode(Unpacked(request)));
            return FakeReply.Json(200, "{}");
        }
        catch (InvalidDataException exception)
        {
            return Error(400, "InvalidRequestError", exception.Message);
        }
    }

    /// <summary>The body of a request, without its compression.</summary>
    public static byte[] Unpacked(ReceivedRequest request)
    {
        if (request.Headers.ContentEncoding.ToString() != "gzip")
        {
            return request.Body;
        }

        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(request.Body), CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }

        return unpacked.ToArray();
    }
}
