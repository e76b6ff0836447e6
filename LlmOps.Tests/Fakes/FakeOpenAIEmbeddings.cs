using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>OpenAI's embeddings, as the real server speaks them.</summary>
internal static class FakeOpenAIEmbeddings
{
    public const string Path = "/v1/embeddings";

    private static readonly string[] Fields = ["model", "input", "dimensions", "encoding_format", "user"];

    /// <summary>A server for one path. It refuses what OpenAI refuses; of token ids it makes the vector of their text.</summary>
    /// <param name="vectors">The model.</param>
    /// <param name="apiKey">The key that it wants; null for any or none.</param>
    /// <param name="path">The path.</param>
    /// <param name="extra">Fields that it takes beside OpenAI's, as compatible servers do.</param>
    public static Func<ReceivedRequest, FakeReply> Handler(FakeVectors vectors, string? apiKey = null, string path = Path, params string[] extra) => request =>
    {
        if (request.Method != "POST" || request.Path != path)
            return FakeOpenAI.Error(404, $"Invalid URL ({request.Method} {request.Path})");
        if (apiKey is not null && request.Headers.Authorization != $"Bearer {apiKey}")
            return FakeOpenAI.Error(401, "Incorrect API key provided.", code: "invalid_api_key");
        JsonElement body = request.JsonObject();
        if (body.ValueKind != JsonValueKind.Object)
            return FakeOpenAI.Error(400, "We could not parse the JSON body of your request.");
        return (Refusal(body, vectors, extra) ?? FakeReply.Json(200, Answer(body, vectors))).Header("x-request-id", $"req_{request.ConnectionNumber}_{request.NumberOnConnection}");
    };

    /// <summary>The body of an answer.</summary>
    public static string Answer(JsonElement body, FakeVectors vectors)
    {
        IReadOnlyList<string> inputs = Inputs(body.At("input"))!;
        bool base64 = body.TextAt("encoding_format") == "base64";
        JsonNode[] data = [.. vectors.For(inputs, body.NumberAt("dimensions")).Select((vector, index) => (JsonNode)new JsonObject
        {
            ["object"] = "embedding",
            ["index"] = index,
            ["embedding"] = base64 ? Convert.ToBase64String(MemoryMarshal.AsBytes<float>(vector)) : FakeVectors.Json(vector),
        })];
        JsonObject answer = new() { ["object"] = "list", ["data"] = new JsonArray(data), ["model"] = body.TextAt("model") + "-v2" };
        if (vectors.CountsTokens)
        {
            int tokens = inputs.Sum(FakeVectors.Words);
            answer["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens };
        }

        return AnswerJson.Pretty(answer);
    }

    private static FakeReply? Refusal(JsonElement body, FakeVectors vectors, string[] extra)
    {
        if (body.EnumerateObject().FirstOrDefault(field => !Fields.Contains(field.Name) && !extra.Contains(field.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            return FakeOpenAI.Error(400, $"Unrecognized request argument supplied: {unknown.Name}");
        if (body.TextAt("model") is null)
            return FakeOpenAI.Error(400, "you must provide a model parameter");
        if (Inputs(body.At("input")) is not { Count: > 0 and <= 2048 } inputs || inputs.Contains(""))
            return FakeOpenAI.Error(400, "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.");
        if (body.Has("dimensions") && body.NumberAt("dimensions") is not (>= 1 and <= 4096))
            return FakeOpenAI.Error(400, "Invalid value for 'dimensions'.", param: "dimensions");
        if (body.Has("encoding_format") && body.TextAt("encoding_format") is not ("float" or "base64"))
            return FakeOpenAI.Error(400, "Invalid value for 'encoding_format'.", param: "encoding_format");
        return vectors.TooLong(inputs) is { } text
            ? FakeOpenAI.Error(400, $"This model's maximum context length is {vectors.MostWords} tokens, however you requested {FakeVectors.Words(text)} tokens ({FakeVectors.Words(text)} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.")
            : null;
    }

    private static IReadOnlyList<string>? Inputs(JsonElement input) => FakeVectors.Texts(input) ?? (input.ValueKind == JsonValueKind.Array
        ? input[0].ValueKind == JsonValueKind.Array ? [.. input.EnumerateArray().Select(tokens => Spoken(tokens))] : [Spoken(input)]
        : null);

    private static string Spoken(JsonElement tokens) => string.Join(' ', tokens.EnumerateArray().Select(token => token.GetInt32()));
}
