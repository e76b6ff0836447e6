using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>OpenAI's chat completion protocol, as the real server speaks it.</summary>
internal static class FakeOpenAI
{
    public const string ChatPath = "/v1/chat/completions";

    /// <summary>The unstreamed body.</summary>
    public static string Completion(FakeAnswer answer) => AnswerJson.Pretty(CompletionJson.Of(answer));

    /// <summary>The data of the streamed events, without <c>[DONE]</c>.</summary>
    public static IReadOnlyList<string> Chunks(FakeAnswer answer, bool includeUsage = false) =>
        [.. ChunkJson.Of(answer, includeUsage).Select(AnswerJson.Line)];

    /// <summary>The unstreamed reply.</summary>
    public static FakeReply Reply(FakeAnswer answer) => FakeReply.Json(200, Completion(answer));

    /// <summary>The streamed reply, whole; to cut one short, put <see cref="Chunks"/> into <see cref="FakeReply.Sse(IEnumerable{string}, bool)"/>.</summary>
    public static FakeReply StreamReply(FakeAnswer answer, bool includeUsage = false) =>
        FakeReply.Sse(Chunks(answer, includeUsage));

    /// <summary>An error reply in OpenAI's shape.</summary>
    public static FakeReply Error(
        int status, string message, string type = "invalid_request_error", string? param = null, string? code = null) =>
        FakeReply.Json(status, FakeErrors.OpenAI(message, type, param, code));

    /// <summary>A server that always gives the same answer; see <see cref="Handler(Func{ReceivedRequest, FakeAnswer}, string?, string)"/>.</summary>
    public static Func<ReceivedRequest, FakeReply> Handler(
        FakeAnswer answer, string? apiKey = null, string path = ChatPath) => Handler(_ => answer, apiKey, path);

    /// <summary>
    /// A server for one path. It refuses what OpenAI refuses (another path, another key than <paramref name="apiKey"/>,
    /// an invalid request) and answers anything else streamed or not, with or without usage, as the request asks.
    /// </summary>
    public static Func<ReceivedRequest, FakeReply> Handler(
        Func<ReceivedRequest, FakeAnswer> answer, string? apiKey = null, string path = ChatPath) => request =>
        WithHeaders(request, Refusal(request, apiKey, path) ?? Answer(request, answer(request)));

    private static FakeReply? Refusal(ReceivedRequest request, string? apiKey, string path)
    {
        if (request.Method != "POST" || request.Path != path)
            return Error(404, $"Invalid URL ({request.Method} {request.Path})");
        string authorization = request.Headers.Authorization.ToString();
        if (apiKey is not null && authorization != $"Bearer {apiKey}")
        {
            return authorization.Length == 0
                ? Error(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")
                : Error(401, $"Incorrect API key provided: {Masked(authorization)}. You can find your API key at https://platform.openai.com/account/api-keys.", code: "invalid_api_key");
        }
        return ChatRequestCheck.Refusal(request);
    }

    private static FakeReply Answer(ReceivedRequest request, FakeAnswer answer)
    {
        if (!Flag(request.Json, "stream", otherwise: false))
            return Reply(answer);

        request.Json.TryGetProperty("stream_options", out JsonElement options);
        bool obfuscation = answer.Obfuscation && Flag(options, "include_obfuscation", otherwise: true);
        return StreamReply(answer with { Obfuscation = obfuscation }, Flag(options, "include_usage", otherwise: false));
    }

    private static FakeReply WithHeaders(ReceivedRequest request, FakeReply reply) => reply
        .Header("x-request-id", $"req_{request.ConnectionNumber}_{request.NumberOnConnection}")
        .Header("openai-processing-ms", "42")
        .Header("openai-version", "2020-10-01")
        .Header("x-ratelimit-limit-requests", "10000")
        .Header("x-ratelimit-limit-tokens", "200000")
        .Header("x-ratelimit-remaining-requests", "9999")
        .Header("x-ratelimit-remaining-tokens", "199976")
        .Header("x-ratelimit-reset-requests", "8.64s")
        .Header("x-ratelimit-reset-tokens", "6m0s");

    private static bool Flag(JsonElement json, string name, bool otherwise) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind == JsonValueKind.True
            : otherwise;

    /// <summary>OpenAI quotes the wrong key with its middle masked; a gateway must not pass even that on.</summary>
    private static string Masked(string authorization)
    {
        string key = authorization.Split(' ', 2)[^1];
        return key.Length <= 12 ? key : $"{key[..8]}{new string('*', key.Length - 12)}{key[^4..]}";
    }
}
