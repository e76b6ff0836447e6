using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>Ollama's own chat protocol, as the real server speaks it.</summary>
internal static class FakeOllama
{
    public const string ChatPath = "/api/chat", TagsPath = "/api/tags", VersionPath = "/api/version";

    /// <summary>The unstreamed body.</summary>
    public static string Completion(FakeAnswer answer) => AnswerJson.Line(OllamaJson.Completion(Named(answer)));

    /// <summary>The streamed lines, without their line feeds; the last one is done.</summary>
    public static IReadOnlyList<string> Chunks(FakeAnswer answer) => [.. OllamaJson.Lines(Named(answer)).Select(AnswerJson.Line)];

    /// <summary>The stream's exact text.</summary>
    public static string StreamText(FakeAnswer answer) => string.Concat(Chunks(answer).Select(line => line + "\n"));

    /// <summary>The unstreamed reply.</summary>
    public static FakeReply Reply(FakeAnswer answer) => Json(200, Completion(answer));

    /// <summary>The streamed reply, whole.</summary>
    public static FakeReply StreamReply(FakeAnswer answer) => StreamReply(Chunks(answer));

    /// <summary>A streamed reply of these lines: some <see cref="Chunks"/>, or an error of <see cref="FakeErrors.Plain"/> among them.</summary>
    public static FakeReply StreamReply(IEnumerable<string> lines) => lines.Aggregate(
        FakeReply.Head(200, ("Content-Type", "application/x-ndjson")).Chunked(), (reply, line) => reply.Piece(line + "\n"));

    /// <summary>An error reply in Ollama's shape.</summary>
    public static FakeReply Error(int status, string message) => Json(status, FakeErrors.Plain(message));

    /// <summary>A server that always gives the same answer; see <see cref="Handler(Func{ReceivedRequest, FakeAnswer}, string?, string[])"/>.</summary>
    public static Func<ReceivedRequest, FakeReply> Handler(FakeAnswer answer, string? apiKey = null, params string[] models) =>
        Handler(_ => answer, apiKey, models);

    /// <summary>
    /// A server with these models pulled, or with all that are asked for when none is named. It refuses what Ollama
    /// refuses, ignores fields it does not know, and answers anything else streamed unless told otherwise. Only Ollama's
    /// cloud wants a key.
    /// </summary>
    public static Func<ReceivedRequest, FakeReply> Handler(
        Func<ReceivedRequest, FakeAnswer> answer, string? apiKey = null, params string[] models) => request =>
    {
        if (apiKey is not null && request.Headers.Authorization != $"Bearer {apiKey}")
            return Error(401, "unauthorized");
        return (request.Method, request.Path) switch
        {
            ("GET", VersionPath) => Json(200, """{"version":"0.13.5"}"""),
            ("GET", TagsPath) => Json(200, AnswerJson.Line(new() { ["models"] = new JsonArray([.. models.Select(Tag)]) })),
            ("POST", ChatPath) => OllamaRequestCheck.Refusal(request, models) ?? Answer(request, answer),
            (_, ChatPath or TagsPath or VersionPath) => FakeReply.Text(405, "text/plain", "405 method not allowed"),
            _ => FakeReply.Text(404, "text/plain", "404 page not found"),
        };
    };

    private static FakeReply Answer(ReceivedRequest request, Func<ReceivedRequest, FakeAnswer> answer)
    {
        // Without messages Ollama just loads the model.
        FakeAnswer given = request.Json.ListAt("messages").Count > 0
            ? answer(request)
            : FakeAnswer.Of(new FakeChoice { FinishReason = "load" }) with { Usage = null };
        FakeAnswer named = given.Named(given.Id, request.Json.TextAt("model")!);
        return request.Json.At("stream").ValueKind == JsonValueKind.False ? Reply(named) : StreamReply(named);
    }

    private static FakeAnswer Named(FakeAnswer answer) => answer.Named(answer.Id, "llama3.2");

    private static FakeReply Json(int status, string body) => FakeReply.Text(status, "application/json; charset=utf-8", body);

    private static JsonObject Tag(string model)
    {
        string name = OllamaRequestCheck.FullName(model);
        return new()
        {
            ["name"] = name,
            ["model"] = name,
            ["modified_at"] = OllamaJson.Time(1_741_570_283, 0),
            ["size"] = 2_019_393_189L,
            ["digest"] = new string('a', 64),
            ["details"] = new JsonObject
            {
                ["parent_model"] = "",
                ["format"] = "gguf",
                ["family"] = "llama",
                ["families"] = new JsonArray("llama"),
                ["parameter_size"] = "3.2B",
                ["quantization_level"] = "Q4_K_M",
            },
        };
    }
}
