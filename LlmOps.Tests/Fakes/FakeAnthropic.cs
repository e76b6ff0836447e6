using System.Collections.Concurrent;
using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>Anthropic's Messages protocol, as the real server speaks it.</summary>
internal static class FakeAnthropic
{
    public const string MessagesPath = "/v1/messages";

    private const string Id = "msg_01XFDUDYJgAACzvnptvVoYEL";
    private const string RequestId = "req_011CSHoEeqs5C35K2UUqR7Fy";

    /// <summary>The unstreamed body.</summary>
    public static string Completion(FakeAnswer answer) => AnswerJson.Line(AnthropicJson.Message(Named(answer)));

    /// <summary>The streamed events. No sentinel follows <c>message_stop</c>.</summary>
    public static IReadOnlyList<NamedEvent> Chunks(FakeAnswer answer) =>
        [.. AnthropicJson.Events(Named(answer)).Select(json => new NamedEvent((string)json["type"]!, AnswerJson.Line(json)))];

    /// <summary>The event stream's exact text.</summary>
    public static string StreamText(FakeAnswer answer) => string.Concat(Chunks(answer).Select(chunk => chunk.Text));

    /// <summary>The unstreamed reply.</summary>
    public static FakeReply Reply(FakeAnswer answer) => FakeReply.Json(200, Completion(answer));

    /// <summary>The streamed reply, whole.</summary>
    public static FakeReply StreamReply(FakeAnswer answer) => StreamReply(Chunks(answer));

    /// <summary>A streamed reply of these events: some <see cref="Chunks"/>, or an <see cref="ErrorEvent"/> among them.</summary>
    public static FakeReply StreamReply(IEnumerable<NamedEvent> events) =>
        events.Aggregate(FakeReply.Sse(), (reply, next) => reply.Piece(next.Text));

    /// <summary>An error reply in Anthropic's shape; the type follows from the status when it is null.</summary>
    public static FakeReply Error(int status, string message, string? type = null, string requestId = RequestId) => FakeReply
        .Json(status, FakeErrors.Anthropic(type ?? ErrorType(status), message, requestId))
        .Header("request-id", requestId);

    /// <summary>What a stream ends with when it fails after its start.</summary>
    public static NamedEvent ErrorEvent(string message = "Overloaded", string type = "overloaded_error") =>
        new("error", FakeErrors.Anthropic(type, message));

    /// <summary>A server that always gives the same answer; see <see cref="Handler(Func{ReceivedRequest, FakeAnswer}, string?)"/>.</summary>
    public static Func<ReceivedRequest, FakeReply> Handler(FakeAnswer answer, string? apiKey = null) => Handler(_ => answer, apiKey);

    /// <summary>
    /// A server of all models. It refuses what Anthropic refuses and answers anything else streamed or not, as the
    /// request asks. It remembers the thinking it has signed and takes back no other.
    /// </summary>
    public static Func<ReceivedRequest, FakeReply> Handler(Func<ReceivedRequest, FakeAnswer> answer, string? apiKey = null)
    {
        ConcurrentDictionary<string, string> signed = [];
        return request => WithHeaders(Refusal(request, apiKey, signed) ?? Answer(request, answer(request), signed));
    }

    private static FakeReply? Refusal(ReceivedRequest request, string? apiKey, IReadOnlyDictionary<string, string> signed)
    {
        if (request.Path != MessagesPath)
            return Error(404, "Not found");
        if (request.Method != "POST")
            return Error(405, "Method Not Allowed", "invalid_request_error");
        string key = request.Headers["x-api-key"].ToString();
        if (apiKey is not null && key != apiKey)
            return Error(401, key.Length == 0 ? "x-api-key header is required" : "invalid x-api-key");
        if (request.Headers["anthropic-version"].Count == 0)
            return Error(400, "anthropic-version: header is required");
        return new AnthropicRequestCheck(signed).Refusal(request) is { } message ? Error(400, message) : null;
    }

    private static FakeReply Answer(ReceivedRequest request, FakeAnswer answer, ConcurrentDictionary<string, string> signed)
    {
        foreach (FakeChoice choice in answer.Choices.Where(choice => choice.Reasoning.Count > 0))
            signed[AnthropicJson.Signature(choice)] = string.Concat(choice.Reasoning);

        FakeAnswer named = answer.Named(Id, request.Json.TextAt("model")!);
        FakeReply reply = request.Json.At("stream").ValueKind == JsonValueKind.True ? StreamReply(named) : Reply(named);
        return reply.Header("request-id", RequestId);
    }

    private static FakeAnswer Named(FakeAnswer answer) => answer.Named(Id, "claude-sonnet-4-5-20250929");

    private static FakeReply WithHeaders(FakeReply reply) => reply
        .Header("anthropic-organization-id", "00000000-0000-0000-0000-000000000000")
        .Header("anthropic-ratelimit-requests-limit", "4000")
        .Header("anthropic-ratelimit-requests-remaining", "3999")
        .Header("anthropic-ratelimit-requests-reset", "2026-01-02T03:04:05Z")
        .Header("anthropic-ratelimit-tokens-limit", "480000")
        .Header("anthropic-ratelimit-tokens-remaining", "480000")
        .Header("anthropic-ratelimit-tokens-reset", "2026-01-02T03:04:05Z");

    private static string ErrorType(int status) => status switch
    {
        400 => "invalid_request_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        _ => status < 500 ? "invalid_request_error" : "api_error",
    };
}
