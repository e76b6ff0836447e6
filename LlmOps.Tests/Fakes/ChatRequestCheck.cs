using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>The checks that OpenAI's server makes on a chat request, with its words.</summary>
internal static class ChatRequestCheck
{
    private static readonly string[] Roles = ["system", "assistant", "user", "function", "tool", "developer"];

    // An assistant's refusal, audio or legacy function call stands in for its content.
    private static readonly string[] Contents = ["content", "refusal", "audio", "function_call"];

    /// <summary>The 400 for an invalid request; null for a valid one.</summary>
    public static FakeReply? Refusal(ReceivedRequest request)
    {
        try
        {
            return request.Json.ValueKind == JsonValueKind.Object ? CheckBody(request.Json) : NotJson();
        }
        catch (JsonException)
        {
            return NotJson();
        }
    }

    private static FakeReply NotJson() => Invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)");

    private static FakeReply? CheckBody(JsonElement body)
    {
        if (!body.TryGetProperty("model", out JsonElement model))
            return Invalid("you must provide a model parameter");
        if (model.ValueKind != JsonValueKind.String)
            return Invalid($"Invalid type for 'model': expected a string, but got {Kind(model)} instead.", "model", "invalid_type");
        if (!body.TryGetProperty("messages", out JsonElement messages))
            return Invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        if (messages.ValueKind != JsonValueKind.Array)
            return Invalid($"Invalid type for 'messages': expected an array of objects, but got {Kind(messages)} instead.", "messages", "invalid_type");
        if (messages.GetArrayLength() == 0)
            return Invalid("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array");
        if (body.TryGetProperty("stream_options", out JsonElement options) && options.ValueKind != JsonValueKind.Null
            && !(body.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind == JsonValueKind.True))
            return Invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        return CheckMessages([.. messages.EnumerateArray()]);
    }

    private static FakeReply? CheckMessages(JsonElement[] messages)
    {
        HashSet<string> called = [];
        HashSet<string> unanswered = [];
        foreach ((int index, JsonElement message) in messages.Index())
        {
            string role = Text(message, "role");
            if (!Roles.Contains(role))
                return Invalid($"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", $"messages[{index}].role", "invalid_value");
            if (role == "tool")
            {
                if (!called.Contains(Text(message, "tool_call_id")))
                    return Invalid("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", $"messages.[{index}].role");
                unanswered.Remove(Text(message, "tool_call_id"));
                continue;
            }

            if (unanswered.Count > 0)
                return Unanswered(unanswered, index);
            called = [.. CallIds(message)];
            unanswered = [.. called];
            if (called.Count == 0 && !HasContent(message))
                return Invalid("Invalid value for 'content': expected a string, got null.", $"messages.[{index}].content");
        }
        return unanswered.Count > 0 ? Unanswered(unanswered, messages.Length) : null;
    }

    private static FakeReply Unanswered(IEnumerable<string> ids, int index) => Invalid(
        $"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {string.Join(", ", ids)}",
        $"messages.[{index}].role");

    private static IEnumerable<string> CallIds(JsonElement message) =>
        message.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array
            ? calls.EnumerateArray().Select(call => Text(call, "id"))
            : [];

    private static bool HasContent(JsonElement message) => Array.Exists(Contents, name =>
        message.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null);

    private static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static string Kind(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    private static FakeReply Invalid(string message, string? param = null, string? code = null) =>
        FakeOpenAI.Error(400, message, param: param, code: code);
}
