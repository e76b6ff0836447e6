using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>The checks that Anthropic's server makes on a request, with its words.</summary>
internal sealed class AnthropicRequestCheck(IReadOnlyDictionary<string, string> signed)
{
    private static readonly string[] Fields = [
        "model", "messages", "max_tokens", "system", "stop_sequences", "stream", "temperature", "top_p", "top_k", "tools", "tool_choice",
        "thinking", "metadata", "service_tier", "container", "context_management", "mcp_servers", "output_config", "output_format",
        "cache_control", "inference_geo", "speed"];

    /// <summary>The message of the 400 for an invalid request; null for a valid one.</summary>
    public string? Refusal(ReceivedRequest request)
    {
        JsonElement body = request.JsonObject();
        return body.ValueKind != JsonValueKind.Object
            ? "The request body is not valid JSON: unexpected character: line 1 column 1 (char 0)"
            : CheckFields(body) ?? CheckThinking(body) ?? CheckTools(body) ?? CheckMessages(body);
    }

    private static string? CheckFields(JsonElement body)
    {
        if (body.EnumerateObject().FirstOrDefault(field => !Fields.Contains(field.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            return $"{unknown.Name}: Extra inputs are not permitted";
        if (Array.Find(["model", "max_tokens", "messages"], name => !body.TryGetProperty(name, out _)) is { } missing)
            return $"{missing}: Field required";
        if (body.TextAt("model") is null)
            return "model: Input should be a valid string";
        if (body.NumberAt("max_tokens") is not { } maxTokens || maxTokens % 1 != 0)
            return "max_tokens: Input should be a valid integer";
        if (maxTokens < 1)
            return "max_tokens: Input should be greater than or equal to 1";
        if (body.Has("temperature") && body.NumberAt("temperature") is null)
            return "temperature: Input should be a valid number";
        if (body.NumberAt("temperature") is < 0)
            return "temperature: Input should be greater than or equal to 0";
        if (body.NumberAt("temperature") is > 1)
            return "temperature: Input should be less than or equal to 1";
        if (body.TextAt("system") is null && body.ListAt("system").Any(block => string.IsNullOrEmpty(block.TextAt("text"))))
            return "system: text content blocks must be non-empty";
        return null;
    }

    private static string? CheckThinking(JsonElement body)
    {
        if (!IsThinking(body))
            return null;
        if (body.At("thinking").NumberAt("budget_tokens") is not { } budget)
            return "thinking.enabled.budget_tokens: Field required";
        if (budget < 1024)
            return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
        if (body.NumberAt("max_tokens") <= budget)
            return "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
        if (body.NumberAt("temperature") is not (null or 1))
            return "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
        return body.At("tool_choice").TextAt("type") is "any" or "tool" ? "Thinking may not be enabled when tool_choice forces tool use." : null;
    }

    private static string? CheckTools(JsonElement body)
    {
        foreach ((int at, JsonElement tool) in body.ListAt("tools").Index())
        {
            if (tool.TextAt("type") is not (null or "custom"))
                continue;
            if (!tool.Has("name"))
                return $"tools.{at}.custom.name: Field required";
            if (!IsName(tool.TextAt("name"), longest: 128))
                return $"tools.{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'";
            if (!tool.Has("input_schema"))
                return $"tools.{at}.custom.input_schema: Field required";
            if (tool.At("input_schema").TextAt("type") != "object")
                return $"tools.{at}.custom.input_schema.type: Input should be 'object'";
        }
        return null;
    }

    private string? CheckMessages(JsonElement body)
    {
        IReadOnlyList<JsonElement> messages = body.ListAt("messages");
        if (messages.Count == 0)
            return "messages: at least one message is required";
        foreach ((int at, JsonElement message) in messages.Index())
        {
            string? role = message.TextAt("role");
            if (role is not ("user" or "assistant"))
            {
                return role == "system"
                    ? "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role."
                    : $"messages: Unexpected role \"{role}\". Allowed roles are \"user\" or \"assistant\"";
            }
            if (at == 0 && role != "user")
                return "messages: first message must use the \"user\" role";
            if (CheckContent(message, at, last: at == messages.Count - 1) is { } error)
                return error;
        }
        return CheckResults(messages) ?? (IsThinking(body) ? CheckLastThinking(messages) : null);
    }

    private string? CheckContent(JsonElement message, int at, bool last)
    {
        if (message.EnumerateObject().FirstOrDefault(field => field.Name is not ("role" or "content")) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            return $"messages.{at}.{unknown.Name}: Extra inputs are not permitted";
        if (!message.Has("content"))
            return $"messages.{at}.content: Field required";
        bool assistant = message.TextAt("role") == "assistant";
        IReadOnlyList<JsonElement> blocks = message.ListAt("content");
        if (blocks.Count == 0 && string.IsNullOrEmpty(message.TextAt("content")))
        {
            return assistant && last
                ? null
                : $"messages.{at}: all messages must have non-empty content except for the optional final assistant message";
        }
        string? ending = message.TextAt("content") ?? blocks[^1].TextAt("text");
        if (assistant && last && ending is not null && ending != ending.TrimEnd())
            return "messages: final assistant content cannot end with trailing whitespace";
        return blocks.Select((block, index) => AnthropicBlockCheck.Check(block, $"messages.{at}.content.{index}", assistant, signed))
            .FirstOrDefault(error => error is not null);
    }

    /// <summary>The results of all calls must be the first blocks of the very next message.</summary>
    private static string? CheckResults(IReadOnlyList<JsonElement> messages)
    {
        HashSet<string> called = [];
        HashSet<string> seen = [];
        foreach ((int at, JsonElement message) in messages.Index())
        {
            IReadOnlyList<JsonElement> blocks = message.ListAt("content");
            string[] leading = [.. blocks.TakeWhile(block => block.TextAt("type") == "tool_result").Select(block => block.TextAt("tool_use_id")!)];
            string[] unanswered = [.. called.Except(leading)];
            if (unanswered.Length > 0)
                return Unanswered(at - 1, unanswered);
            foreach ((int index, JsonElement block) in blocks.Index())
            {
                if (block.TextAt("type") == "tool_result" && !called.Contains(block.TextAt("tool_use_id")!))
                    return $"messages.{at}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {block.TextAt("tool_use_id")}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.";
            }
            if (leading.Length != leading.Distinct().Count())
                return $"messages.{at}.content: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {leading[0]}";

            called = [.. blocks.Where(block => block.TextAt("type") == "tool_use").Select(block => block.TextAt("id")!)];
            if (!called.All(seen.Add) || called.Count != blocks.Count(block => block.TextAt("type") == "tool_use"))
                return "messages: `tool_use` ids must be unique";
        }
        return called.Count > 0 ? Unanswered(messages.Count - 1, called) : null;
    }

    private static string Unanswered(int at, IEnumerable<string> ids) =>
        $"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", ids)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.";

    private static string? CheckLastThinking(IReadOnlyList<JsonElement> messages)
    {
        int at = messages.Count - 1;
        while (at >= 0 && messages[at].TextAt("role") != "assistant")
            at--;
        if (at < 0 || !messages[at].ListAt("content").Any(block => block.TextAt("type") == "tool_use"))
            return null;
        string? first = messages[at].ListAt("content")[0].TextAt("type");
        return first is "thinking" or "redacted_thinking"
            ? null
            : $"messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking";
    }

    private static bool IsThinking(JsonElement body) => body.At("thinking").TextAt("type") == "enabled";

    /// <summary>Whether the text fits ^[a-zA-Z0-9_-]+$, as names and ids must.</summary>
    public static bool IsName(string? text, int longest = int.MaxValue) => text is { Length: > 0 } && text.Length <= longest
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-');
}
