using System.Globalization;
using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>The checks that Gemini's server makes on a request, with its words.</summary>
internal static class GeminiRequestCheck
{
    /// <summary>The error for an invalid request; null for a valid one.</summary>
    public static GeminiError? Refusal(ReceivedRequest request, IReadOnlyCollection<GeminiSignedCall> issued)
    {
        JsonElement body = request.JsonObject();
        if (body.ValueKind != JsonValueKind.Object)
            return Invalid("Invalid JSON payload received. Unexpected token.\n\n^");
        return GeminiFields.Check(body) ?? CheckConfig(body.At("generationConfig")) ?? CheckContents(body.ListAt("contents"), issued);
    }

    private static GeminiError? CheckConfig(JsonElement config)
    {
        if (config.ListAt("stopSequences").Count > 5)
            return Invalid("* GenerateContentRequest.generation_config.stop_sequences: the number of stop_sequences must not exceed 5\n");
        if (config.Has("seed") && !int.TryParse(config.At("seed").ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            return Invalid($"Invalid value at 'generation_config.seed' (TYPE_INT32), {config.At("seed").GetRawText()}");
        if ((config.Has("responseSchema") || config.Has("responseJsonSchema")) && config.TextAt("responseMimeType") is (null or "text/plain"))
            return Invalid("* GenerateContentRequest.generation_config.response_schema: only allowed when response_mime_type is not 'text/plain'\n");
        return null;
    }

    private static GeminiError? CheckContents(IReadOnlyList<JsonElement> contents, IReadOnlyCollection<GeminiSignedCall> issued)
    {
        if (contents.Count == 0)
            return Invalid("* GenerateContentRequest.contents: contents is not specified\n");

        int awaited = 0;
        foreach ((int at, JsonElement content) in contents.Index())
        {
            if (content.TextAt("role") is not (null or "user" or "model" or "function"))
                return Invalid("Please use a valid role: user, model.");
            IReadOnlyList<JsonElement> parts = content.ListAt("parts");
            if (parts.Count == 0)
                return Invalid($"* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty.\n");
            if (parts.Any(part => part.EnumerateObject().All(field => field.Name is "thought" or "thoughtSignature")))
                return Invalid($"* GenerateContentRequest.contents[{at}].parts[0].data: required oneof field 'data' must have one initialized field\n");

            int calls = parts.Count(part => part.Has("functionCall"));
            int responses = parts.Count(part => part.Has("functionResponse"));
            if (responses > 0 && awaited == 0)
                return Invalid("Please ensure that function response turn comes immediately after a function call turn.");
            if (responses != awaited)
                return Invalid("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
            if (calls > 0 && (at == 0 || contents[at - 1].TextAt("role") == "model"))
                return Invalid("Please ensure that function call turn comes immediately after a user turn or after a function response turn.");
            awaited = calls;

            if (parts.Select(part => CheckSignature(part, at, issued)).FirstOrDefault(error => error is not null) is { } unsigned)
                return unsigned;
        }
        return null;
    }

    /// <summary>A call that was answered with a signature must come back with it.</summary>
    private static GeminiError? CheckSignature(JsonElement part, int at, IReadOnlyCollection<GeminiSignedCall> issued)
    {
        JsonElement call = part.At("functionCall");
        string? signature = part.TextAt("thoughtSignature");
        GeminiSignedCall[] same = [.. issued.Where(known => known.Name == call.TextAt("name")
            && (call.Has("args") ? JsonElement.DeepEquals(known.Args, call.At("args")) : !known.Args.EnumerateObject().Any()))];
        if (same.Length == 0 || Array.Exists(same, known => known.Signature == signature))
            return null;
        return signature is not null
            ? Invalid("Corrupted thought signature.")
            : Invalid($"Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:{call.TextAt("name")}` , position {at + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.");
    }

    private static GeminiError Invalid(string message) => new(400, message);
}
