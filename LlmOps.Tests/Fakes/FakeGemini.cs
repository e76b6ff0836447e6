using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>Google's Gemini protocol (v1beta), as the real server speaks it.</summary>
internal static partial class FakeGemini
{
    private const string Id = "zZmGaIz6Gbu1kdUPkbTW6Qs";
    private const string RpcType = "type.googleapis.com/google.rpc.";

    /// <summary>The unstreamed body.</summary>
    public static string Completion(FakeAnswer answer) => AnswerJson.Pretty(GeminiJson.Completion(Named(answer)));

    /// <summary>The data of the streamed events. No sentinel follows them: the stream just ends.</summary>
    public static IReadOnlyList<string> Chunks(FakeAnswer answer) => [.. GeminiJson.Chunks(Named(answer)).Select(AnswerJson.Line)];

    /// <summary>The event stream's exact text; Google ends its lines with CR LF.</summary>
    public static string StreamText(FakeAnswer answer) => string.Concat(Chunks(answer).Select(Event));

    /// <summary>The text of a stream without <c>alt=sse</c>: one JSON array.</summary>
    public static string ArrayText(FakeAnswer answer) => string.Concat(ArrayPieces(answer));

    /// <summary>The unstreamed reply.</summary>
    public static FakeReply Reply(FakeAnswer answer) => Json(200, Completion(answer));

    /// <summary>The streamed reply, whole.</summary>
    public static FakeReply StreamReply(FakeAnswer answer) => StreamReply(Chunks(answer));

    /// <summary>A streamed reply of these events: some <see cref="Chunks"/>, or an error of <see cref="FakeErrors.Gemini"/> among them.</summary>
    public static FakeReply StreamReply(IEnumerable<string> chunks) =>
        chunks.Aggregate(FakeReply.Head(200, ("Content-Type", "text/event-stream")).Chunked(), (reply, chunk) => reply.Piece(Event(chunk)));

    /// <summary>The streamed reply to a request without <c>alt=sse</c>.</summary>
    public static FakeReply ArrayReply(FakeAnswer answer) => ArrayPieces(answer)
        .Aggregate(FakeReply.Head(200, ("Content-Type", "application/json; charset=UTF-8")).Chunked(), (reply, piece) => reply.Piece(piece));

    /// <summary>An error reply in Google's shape; the status word follows from the code when it is null.</summary>
    public static FakeReply Error(int code, string message, string? status = null, params IEnumerable<JsonObject> details) =>
        Json(code, FakeErrors.Gemini(code, message, status, details));

    /// <summary>An error's detail: when to try again, as a duration such as "22s" or "10.689924287s".</summary>
    public static JsonObject RetryInfo(string retryDelay) => new() { ["@type"] = RpcType + "RetryInfo", ["retryDelay"] = retryDelay };

    /// <summary>An error's detail: which quota is used up. An id with "PerDay" in it will not be free again soon.</summary>
    public static JsonObject QuotaFailure(
        string quotaId = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", string quotaValue = "10", string model = "gemini-2.5-flash") => new()
        {
            ["@type"] = RpcType + "QuotaFailure",
            ["violations"] = new JsonArray(new JsonObject
            {
                ["quotaMetric"] = "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                ["quotaId"] = quotaId,
                ["quotaDimensions"] = new JsonObject { ["location"] = "global", ["model"] = model },
                ["quotaValue"] = quotaValue,
            }),
        };

    /// <summary>An error's detail: its reason in one word.</summary>
    public static JsonObject ErrorInfo(string reason) => new()
    {
        ["@type"] = RpcType + "ErrorInfo",
        ["reason"] = reason,
        ["domain"] = "googleapis.com",
        ["metadata"] = new JsonObject { ["service"] = "generativelanguage.googleapis.com" },
    };

    /// <summary>An error's detail: the fields of the request that are wrong.</summary>
    public static JsonObject BadRequest(string field, string description) => new()
    {
        ["@type"] = RpcType + "BadRequest",
        ["fieldViolations"] = new JsonArray(new JsonObject { ["field"] = field, ["description"] = description }),
    };

    /// <summary>A server that always gives the same answer; see <see cref="Handler(Func{ReceivedRequest, FakeAnswer}, string?)"/>.</summary>
    public static Func<ReceivedRequest, FakeReply> Handler(FakeAnswer answer, string? apiKey = null) => Handler(_ => answer, apiKey);

    /// <summary>
    /// A server of all models. It refuses what Gemini refuses and answers anything else unstreamed, as events or as one
    /// array, as the path and the query ask. It remembers the signatures it gave to tool calls and wants them back, in
    /// every turn of the history. A key in the query is a mistake of the test's subject, so it throws.
    /// </summary>
    public static Func<ReceivedRequest, FakeReply> Handler(Func<ReceivedRequest, FakeAnswer> answer, string? apiKey = null)
    {
        ConcurrentBag<GeminiSignedCall> issued = [];
        return request =>
        {
            if (request.Query.ContainsKey("key"))
                throw new InvalidOperationException("The API key must not stand in the URL, where logs show it.");
            bool streaming = request.Path.EndsWith(":streamGenerateContent", StringComparison.Ordinal);
            bool events = request.Query.TryGetValue("alt", out var alt) && alt == "sse";
            return WithHeaders(Refusal(request, apiKey, issued) is { } error
                ? Json(error.Status, streaming && !events ? $"[{error.Body}]" : error.Body)
                : Answer(request, answer(request), streaming, events, issued));
        };
    }

    private static GeminiError? Refusal(ReceivedRequest request, string? apiKey, IReadOnlyCollection<GeminiSignedCall> issued)
    {
        if (request.Method != "POST" || !ModelPath().IsMatch(request.Path))
            return new(404, $"The requested URL {request.Path} was not found on this server.");
        string key = request.Headers["x-goog-api-key"].ToString();
        if (apiKey is not null && key != apiKey)
        {
            return key.Length == 0
                ? new(403, "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.")
                : new(400, "API key not valid. Please pass a valid API key.", ErrorInfo("API_KEY_INVALID"));
        }
        return GeminiRequestCheck.Refusal(request, issued);
    }

    private static FakeReply Answer(
        ReceivedRequest request, FakeAnswer answer, bool streaming, bool events, ConcurrentBag<GeminiSignedCall> issued)
    {
        foreach (FakeToolCall call in answer.Choices.SelectMany(choice => choice.ToolCalls))
        {
            if (call.Signature is { } signature)
                issued.Add(new(call.Name, JsonElement.Parse(AnswerJson.Line(AnswerJson.Arguments(call))), signature));
        }

        FakeAnswer named = answer.Named(Id, ModelPath().Match(request.Path).Groups["model"].Value);
        return !streaming ? Reply(named) : events ? StreamReply(named) : ArrayReply(named);
    }

    private static FakeAnswer Named(FakeAnswer answer) => answer.Named(Id, "gemini-2.5-flash");

    private static string Event(string chunk) => $"data: {chunk}\r\n\r\n";

    private static IEnumerable<string> ArrayPieces(FakeAnswer answer) =>
        [.. GeminiJson.Chunks(Named(answer)).Select((chunk, at) => (at == 0 ? "[" : ",\r\n") + AnswerJson.Pretty(chunk) + "\n"), "]"];

    private static FakeReply Json(int status, string body) => FakeReply.Text(status, "application/json; charset=UTF-8", body);

    private static FakeReply WithHeaders(FakeReply reply) => reply
        .Header("Vary", "Origin")
        .Header("Vary", "X-Origin")
        .Header("Server", "scaffolding on HTTPServer2")
        .Header("X-Content-Type-Options", "nosniff")
        .Header("Server-Timing", "gfet4t7; dur=42");

    [GeneratedRegex("^/v1beta/models/(?<model>[^/:]+):(generateContent|streamGenerateContent)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ModelPath();
}

/// <summary>A tool call that was answered with a signature.</summary>
internal sealed record GeminiSignedCall(string Name, JsonElement Args, string Signature);

/// <summary>An error before it is known whether its reply is an array.</summary>
internal sealed record GeminiError(int Status, string Message, params IReadOnlyList<JsonObject> Details)
{
    public string Body => FakeErrors.Gemini(Status, Message, details: Details);
}
