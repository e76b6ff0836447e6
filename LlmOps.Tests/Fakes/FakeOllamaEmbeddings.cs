using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>Ollama's POST /api/embed, as the real server speaks it.</summary>
internal static class FakeOllamaEmbeddings
{
    public const string Path = "/api/embed";

    /// <summary>A server with these models pulled. A request that would let it cut a text is a mistake of the test's subject, so it throws.</summary>
    public static Func<ReceivedRequest, FakeReply> Handler(FakeVectors vectors, params string[] models) => request =>
    {
        if (request.Method != "POST" || request.Path != Path)
            return FakeReply.Text(404, "text/plain", "404 page not found");
        JsonElement body = request.JsonObject();
        if (body.At("truncate").ValueKind != JsonValueKind.False)
            throw new InvalidOperationException("Ollama cuts what is too long unless truncate is false.");
        if (string.IsNullOrEmpty(body.TextAt("model")))
            return FakeOllama.Error(400, "model is required");
        if (!models.Any(pulled => OllamaRequestCheck.FullName(pulled) == OllamaRequestCheck.FullName(body.TextAt("model")!)))
            return FakeOllama.Error(404, $"model '{body.TextAt("model")}' not found");
        if (FakeVectors.Texts(body.At("input")) is not { } texts)
            return FakeOllama.Error(400, "invalid input type");
        if (vectors.TooLong(texts) is not null)
            return FakeOllama.Error(400, "the input length exceeds the context length");

        JsonObject answer = new()
        {
            ["model"] = body.TextAt("model"),
            ["embeddings"] = new JsonArray([.. vectors.For(texts, body.NumberAt("dimensions")).Select(FakeVectors.Json)]),
            ["total_duration"] = 14143917,
            ["load_duration"] = 1019500,
        };
        if (vectors.CountsTokens)
            answer["prompt_eval_count"] = texts.Sum(FakeVectors.Words);
        return FakeReply.Text(200, "application/json; charset=utf-8", AnswerJson.Line(answer));
    };
}
