using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>Error bodies in each provider's shape, in one line so that they can be an event of a stream as well.</summary>
internal static class FakeErrors
{
    /// <summary>OpenAI: all four fields are always there.</summary>
    public static string OpenAI(
        string message, string type = "invalid_request_error", string? param = null, string? code = null) =>
        Wrapped(new() { ["message"] = message, ["type"] = type, ["param"] = param, ["code"] = code });

    /// <summary>Groq: no param; a tool call that could not be parsed comes as <c>failed_generation</c>.</summary>
    public static string Groq(
        string message, string type = "invalid_request_error", string? code = null, string? failedGeneration = null)
    {
        JsonObject error = new() { ["message"] = message, ["type"] = type };
        if (code is not null)
            error["code"] = code;
        if (failedGeneration is not null)
            error["failed_generation"] = failedGeneration;
        return Wrapped(error);
    }

    /// <summary>OpenRouter: the code is a number, and the metadata are a JSON object.</summary>
    public static string OpenRouter(int code, string message, [StringSyntax(StringSyntaxAttribute.Json)] string? metadata = null)
    {
        JsonObject error = new() { ["code"] = code, ["message"] = message };
        if (metadata is not null)
            error["metadata"] = JsonNode.Parse(metadata);
        return Wrapped(error);
    }

    /// <summary>OpenRouter, when the provider fails after the stream has begun: a chunk with both an error and a choice.</summary>
    public static string OpenRouterChunk(FakeAnswer answer, int code, string message)
    {
        JsonObject chunk = AnswerJson.Envelope(answer, "chat.completion.chunk");
        chunk["error"] = new JsonObject { ["code"] = code, ["message"] = message };
        chunk["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["delta"] = new JsonObject { ["content"] = "" },
            ["finish_reason"] = "error",
        });
        return AnswerJson.Line(chunk);
    }

    /// <summary>Gemini: the code is the HTTP status, the status Google's word for it; see <see cref="FakeGemini"/> for details.</summary>
    public static string Gemini(int code, string message, string? status = null, params IEnumerable<JsonObject> details)
    {
        JsonObject error = new() { ["code"] = code, ["message"] = message, ["status"] = status ?? GoogleStatus(code) };
        JsonNode[] copies = [.. details.Select(detail => detail.DeepClone())];
        if (copies.Length > 0)
            error["details"] = new JsonArray(copies);
        return Wrapped(error);
    }

    /// <summary>Anthropic: the id of the request stands in the body too, but not in an event of a stream.</summary>
    public static string Anthropic(string type, string message, string? requestId = null)
    {
        JsonObject json = new()
        {
            ["type"] = "error",
            ["error"] = new JsonObject { ["type"] = type, ["message"] = message },
        };
        if (requestId is not null)
            json["request_id"] = requestId;
        return AnswerJson.Line(json);
    }

    /// <summary>Just a text, as from Ollama: <c>{"error":"text"}</c>.</summary>
    public static string Plain(string text) => AnswerJson.Line(new() { ["error"] = text });

    /// <summary>Flat, as from many gateways: <c>{"message":…,"code":…}</c>.</summary>
    public static string MessageAndCode(string message, int code) =>
        AnswerJson.Line(new() { ["message"] = message, ["code"] = code });

    /// <summary>FastAPI's own errors: <c>{"detail":"text"}</c>.</summary>
    public static string Detail(string text) => AnswerJson.Line(new() { ["detail"] = text });

    /// <summary>FastAPI's 422 for a body that does not fit: the detail is a list.</summary>
    public static string ValidationDetail(string field, string message) => AnswerJson.Line(new()
    {
        ["detail"] = new JsonArray(new JsonObject
        {
            ["type"] = "missing",
            ["loc"] = new JsonArray("body", field),
            ["msg"] = message,
        }),
    });

    /// <summary>vLLM: flat, with an object name and a numeric code.</summary>
    public static string VLlm(string message, string type = "BadRequestError", int code = 400) => AnswerJson.Line(new()
    {
        ["object"] = "error",
        ["message"] = message,
        ["type"] = type,
        ["param"] = null,
        ["code"] = code,
    });

    private static string GoogleStatus(int code) => code switch
    {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        500 => "INTERNAL",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "UNKNOWN",
    };

    private static string Wrapped(JsonObject error) => AnswerJson.Line(new() { ["error"] = error });
}
