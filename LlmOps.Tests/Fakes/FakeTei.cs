using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>A server of Text Embeddings Inference 1.9, as the real one speaks.</summary>
internal sealed class FakeTei
{
    private const int PayloadLimit = 2_000_000;

    private static readonly string[] Fields = ["inputs", "normalize", "truncate", "truncation_direction", "prompt_name", "dimensions"];

    /// <summary>The model.</summary>
    public FakeVectors Vectors { get; set; } = new();

    /// <summary>The key it wants; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Where it is.</summary>
    public string BasePath { get; init; } = "";

    /// <summary>Most texts of one request.</summary>
    public int MaxBatch { get; set; } = 32;

    /// <summary>What /info says of the model.</summary>
    public string ModelId { get; set; } = "BAAI/bge-small-en-v1.5";

    /// <summary>The model's revision; null for one of a local folder.</summary>
    public string? ModelSha { get; set; } = "5c38ec7c405ec4b44b94cc5a9bb96e735b38267a";

    /// <summary>An error of /embed.</summary>
    public static FakeReply Error(int status, string type, string message) =>
        FakeReply.Json(status, AnswerJson.Line(new() { ["error"] = message, ["error_type"] = type }));

    /// <summary>An error in the form of its OpenAI-compatible routes: flat.</summary>
    public static FakeReply FlatError(int status, string type, string message) =>
        FakeReply.Json(status, AnswerJson.Line(new() { ["message"] = message, ["code"] = status, ["type"] = type }));

    /// <summary>Answers a request. One that would let it cut a text, or leaves the vectors' length to it, is a mistake of the test's subject, so it throws.</summary>
    public FakeReply Answer(ReceivedRequest request)
    {
        string path = request.Path[BasePath.Length..];
        if (path == "/health")
            return FakeReply.Head(200);
        if (ApiKey is not null && request.Headers.Authorization != $"Bearer {ApiKey}")
            return FakeReply.Head(401);
        return (request.Method, path) switch
        {
            ("GET", "/info") => FakeReply.Json(200, AnswerJson.Line(Info())),
            ("POST", "/embed") => Embed(request),
            (_, "/info" or "/embed") => FakeReply.Head(405),
            _ => FakeReply.Head(404),
        };
    }

    private FakeReply Embed(ReceivedRequest request)
    {
        if (request.Body.Length > PayloadLimit)
            return FakeReply.Text(413, "text/plain; charset=utf-8", "Failed to buffer the request body: length limit exceeded");
        JsonElement body = request.JsonObject();
        if (body.EnumerateObject().Any(field => !Fields.Contains(field.Name)))
            throw new InvalidOperationException($"Text Embeddings Inference passes over what it does not know in {request.BodyText}.");
        if (body.At("truncate").ValueKind != JsonValueKind.False || body.At("normalize").ValueKind == JsonValueKind.False)
            throw new InvalidOperationException("Text Embeddings Inference cuts what is too long unless truncate is false.");
        if (FakeVectors.Texts(body.At("inputs")) is not { } texts)
            return FakeReply.Text(422, "text/plain; charset=utf-8", "Failed to deserialize the JSON body into the target type: inputs: data did not match any variant of untagged enum Input");
        if (texts.Count == 0)
            return Error(400, "Empty", "`inputs` cannot be empty");
        if (texts.Count > MaxBatch)
            return Error(422, "Validation", $"batch size {texts.Count} > maximum allowed batch size {MaxBatch}");
        if (Vectors.TooLong(texts) is { } text)
            return Error(422, "Validation", $"`inputs` must have less than {Vectors.MostWords} tokens. Given: {FakeVectors.Words(text)}");
        FakeReply reply = FakeReply.Json(200, new JsonArray([.. Vectors.For(texts, body.NumberAt("dimensions")).Select(FakeVectors.Json)]).ToJsonString());
        return Vectors.CountsTokens
            ? reply.Header("x-compute-type", "cpu").Header("x-compute-time", "9").Header("x-compute-characters", texts.Sum(each => each.Length).ToString(CultureInfo.InvariantCulture)).Header("x-compute-tokens", texts.Sum(FakeVectors.Words).ToString(CultureInfo.InvariantCulture))
            : reply;
    }

    private JsonObject Info() => new()
    {
        ["model_id"] = ModelId,
        ["model_sha"] = ModelSha,
        ["model_dtype"] = "float32",
        ["served_model_name"] = ModelId,
        ["model_type"] = new JsonObject { ["embedding"] = new JsonObject { ["pooling"] = "cls" } },
        ["max_concurrent_requests"] = 512,
        ["max_input_length"] = Vectors.MostWords,
        ["max_batch_tokens"] = 16384,
        ["max_batch_requests"] = null,
        ["max_client_batch_size"] = MaxBatch,
        ["auto_truncate"] = true,
        ["tokenization_workers"] = 4,
        ["version"] = "1.9.3",
        ["sha"] = "a2f5b1c",
        ["docker_label"] = null,
    };
}
