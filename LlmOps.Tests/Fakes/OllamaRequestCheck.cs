using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>The checks that Ollama's server, and Go's JSON reader before it, make on a chat request, with their words.</summary>
internal static class OllamaRequestCheck
{
    private const string CannotRead = "json: cannot unmarshal ";

    /// <summary>The error for an invalid request; null for a valid one. Without <paramref name="models"/> all are there.</summary>
    public static FakeReply? Refusal(ReceivedRequest request, IReadOnlyList<string> models)
    {
        if (request.Body.Length == 0)
            return FakeOllama.Error(400, "missing request body");
        JsonElement body = request.JsonObject();
        if (body.ValueKind != JsonValueKind.Object)
            return FakeOllama.Error(400, "invalid character at the beginning of value");
        if ((CheckKinds(body) ?? CheckValues(body)) is { } wrong)
            return FakeOllama.Error(400, wrong);
        string model = body.TextAt("model")!;
        return models.Count > 0 && !models.Any(pulled => FullName(pulled) == FullName(model))
            ? FakeOllama.Error(404, $"model '{model}' not found")
            : null;
    }

    /// <summary>The model's name with its tag.</summary>
    public static string FullName(string model) => model.Contains(':', StringComparison.Ordinal) ? model : model + ":latest";

    private static string? CheckKinds(JsonElement body)
    {
        if (Unfit(body, "model", JsonValueKind.String))
            return $"{CannotRead}{Kind(body.At("model"))} into Go struct field ChatRequest.model of type string";
        if (Unfit(body, "messages", JsonValueKind.Array))
            return $"{CannotRead}{Kind(body.At("messages"))} into Go struct field ChatRequest.messages of type []api.Message";
        if (Unfit(body, "options", JsonValueKind.Object))
            return $"{CannotRead}{Kind(body.At("options"))} into Go struct field ChatRequest.options of type map[string]interface {{}}";
        if (body.Has("stream") && body.At("stream").ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            return $"{CannotRead}{Kind(body.At("stream"))} into Go struct field ChatRequest.stream of type bool";
        return body.ListAt("messages").Select(CheckMessage).FirstOrDefault(error => error is not null);
    }

    private static string? CheckMessage(JsonElement message)
    {
        if (Unfit(message, "content", JsonValueKind.String))
            return $"{CannotRead}{Kind(message.At("content"))} into Go struct field ChatRequest.messages.content of type string";
        foreach (JsonElement call in message.ListAt("tool_calls"))
        {
            if (Unfit(call.At("function"), "arguments", JsonValueKind.Object))
                return $"{CannotRead}{Kind(call.At("function").At("arguments"))} into Go struct field ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments";
        }
        foreach (JsonElement image in message.ListAt("images"))
        {
            if (image.ValueKind != JsonValueKind.String)
                return $"{CannotRead}{Kind(image)} into Go struct field ChatRequest.messages.images of type api.ImageData";
            if (FirstBadByte(image.GetString()!) is { } at)
                return $"illegal base64 data at input byte {at}";
        }
        return null;
    }

    private static string? CheckValues(JsonElement body)
    {
        if (string.IsNullOrEmpty(body.TextAt("model")))
            return "model is required";
        if (body.TextAt("think") is { } think && think is not ("high" or "medium" or "low" or "max"))
            return $"invalid think value: \"{think}\" (must be \"high\", \"medium\", \"low\", \"max\", true, or false)";
        if (body.Has("format") && body.TextAt("format") is not ("" or "json") && body.At("format").ValueKind != JsonValueKind.Object)
            return $"invalid format: {body.At("format").GetRawText()}; expected \"json\" or a valid JSON Schema object";
        return null;
    }

    /// <summary>Where Go's base64 reader stops; null for base64 without a flaw.</summary>
    private static int? FirstBadByte(string text)
    {
        int at = text.TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/' or '=').Count();
        return at < text.Length ? at : text.Length % 4 == 0 ? null : text.Length;
    }

    private static bool Unfit(JsonElement json, string name, JsonValueKind kind) => json.Has(name) && json.At(name).ValueKind != kind;

    private static string Kind(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };
}
