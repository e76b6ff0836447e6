using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>Gemini's batchEmbedContents, as the real server speaks it.</summary>
internal static partial class FakeGeminiEmbeddings
{
    private const int MostRequests = 100;

    private static readonly string[] Fields = ["model", "content", "taskType", "title", "outputDimensionality"];

    /// <summary>A server of all models. It refuses what Gemini refuses.</summary>
    public static Func<ReceivedRequest, FakeReply> Handler(FakeVectors vectors, string? apiKey = null) => request =>
    {
        if (request.Method != "POST" || ModelPath().Match(request.Path) is not { Success: true } match)
            return FakeGemini.Error(404, $"The requested URL {request.Path} was not found on this server.");
        if (apiKey is not null && request.Headers["x-goog-api-key"] != apiKey)
            return FakeGemini.Error(400, "API key not valid. Please pass a valid API key.", null, FakeGemini.ErrorInfo("API_KEY_INVALID"));
        JsonElement body = request.JsonObject();
        IReadOnlyList<JsonElement> asked = body.ListAt("requests");
        if (body.ValueKind != JsonValueKind.Object || body.EnumerateObject().Any(field => field.Name != "requests"))
            return FakeGemini.Error(400, "Invalid JSON payload received. Unknown name: Cannot find field.");
        if (asked.Count is 0 or > MostRequests)
            return FakeGemini.Error(400, $"* BatchEmbedContentsRequest.requests: at most {MostRequests} requests can be in one batch");
        return asked.Select(each => Refusal(each, match.Groups["model"].Value)).FirstOrDefault(error => error is not null) ?? Answer(asked, vectors);
    };

    private static FakeReply? Refusal(JsonElement asked, string model)
    {
        if (asked.EnumerateObject().Any(field => !Fields.Contains(field.Name)))
            return FakeGemini.Error(400, "Invalid JSON payload received. Unknown name at 'requests[0]': Cannot find field.");
        if (asked.TextAt("model") != $"models/{model}")
            return FakeGemini.Error(400, "* BatchEmbedContentsRequest.requests[0].model: unexpected model name format");
        return Text(asked) is { Length: > 0 } ? null : FakeGemini.Error(400, "* EmbedContentRequest.content contains an empty Part.");
    }

    private static FakeReply Answer(IReadOnlyList<JsonElement> asked, FakeVectors vectors)
    {
        string[] texts = [.. asked.Select(each => Text(each)!)];
        JsonObject answer = new()
        {
            ["embeddings"] = new JsonArray([.. vectors.For(texts, asked[0].NumberAt("outputDimensionality")).Select(vector => new JsonObject { ["values"] = FakeVectors.Json(vector) })]),
        };
        if (vectors.CountsTokens)
            answer["usageMetadata"] = new JsonObject { ["promptTokenCount"] = texts.Sum(FakeVectors.Words) };
        return FakeReply.Text(200, "application/json; charset=UTF-8", AnswerJson.Pretty(answer));
    }

    private static string? Text(JsonElement asked) => asked.At("content").ListAt("parts") is [var part] ? part.TextAt("text") : null;

    [GeneratedRegex("^/v1beta/models/(?<model>[^/:]+):batchEmbedContents$", RegexOptions.ExplicitCapture)]
    private static partial Regex ModelPath();
}
