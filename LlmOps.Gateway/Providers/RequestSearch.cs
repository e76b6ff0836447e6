using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;
using Search = System.Func<LlmOps.Gateway.Pipeline.GatewayChatOptions, System.Collections.Generic.IEnumerable<string>>;

namespace LlmOps.Gateway.Providers;

/// <summary>Finds where a request asks for something, as paths such as <c>messages[0].content[1]</c>.</summary>
internal static class RequestSearch
{
    /// <summary>The fields of <c>extra_body.google</c>.</summary>
    public static FrozenSet<string> GoogleNames { get; } = new[] { "thinking_config", "safety_settings", "cached_content" }.ToFrozenSet();

    /// <summary>Both searches.</summary>
    public static Search And(this Search first, Search second) => options => first(options).Concat(second(options));

    /// <summary>A top-level field, unless it asks for nothing. A value of another form than expected is asking for something else.</summary>
    public static Search Top(string name, Func<JsonElement, bool>? asks = null) =>
        options => Field(options, name) is { } value && (asks is null ? !IsNeutral(value) : asks(value)) ? [name] : [];

    /// <summary>A parameter that has a typed form.</summary>
    public static Search Typed(string name, Func<GatewayChatOptions, bool> asks) => options => asks(options) ? [name] : [];

    /// <summary>A field of messages of other roles than these.</summary>
    public static Search Messages(string name, params string[] except) => options =>
        All(options).Where(message => !Has(message.Json, "role", except) && WireJson.Member(message.Json, name) is not null).Select(message => $"{message.Path}.{name}");

    /// <summary>Content parts of a type, among them the images of an answer that comes back.</summary>
    public static Search Parts(string type, Func<JsonElement, bool>? asks = null) => options =>
        AllParts(options).Concat(AllImages(options)).Where(part => Has(part.Json, "type", type) && asks?.Invoke(part.Json) != false).Select(part => part.Path);

    /// <summary>Tools of some kind.</summary>
    public static Search Tools(Func<JsonElement, bool> asks) => options =>
        AllTools(options).Where(tool => asks(tool.Json)).Select(tool => tool.Path);

    /// <summary>A form of tool_choice: a word, or the member of an object.</summary>
    public static Search Choice(string form) => options => (Field(options, "tool_choice") switch
    {
        null => form == PromptsChoice(options),
        { ValueKind: JsonValueKind.String } word => word.ValueEquals(form),
        { } choice => WireJson.Member(choice, form) is not null || (form == "allowed_tools" && WireJson.Member(choice, "function") is null),
    }) ? ["tool_choice"] : [];

    /// <summary>A response_format of JSON, with a schema or without; json_schema that has none is JSON like any other.</summary>
    public static Search JsonFormat(bool schema) => options => (options.Fields is null
        ? options.ResponseFormat is ChatResponseFormatJson json && schema == (json.Schema is not null)
        : Field(options, "response_format") is { } format && Has(format, "type", "json_object", "json_schema")
            && schema == (WireJson.Member(WireJson.Member(format, "json_schema"), "schema") is not null && Has(format, "type", "json_schema"))) ? ["response_format"] : [];

    /// <summary>Levels of reasoning_effort.</summary>
    public static Search Effort(params string[] levels) => options =>
        Field(options, "reasoning_effort") is { } effort && IsOneOf(effort, levels) ? ["reasoning_effort"] : [];

    /// <summary>An output modality.</summary>
    public static Search Modalities(string kind) => options =>
        WireJson.Items(options.Fields, "modalities").Any(item => IsOneOf(item, kind)) ? ["modalities"] : [];

    public static IEnumerable<string> ImageDetail(GatewayChatOptions options) =>
        AllParts(options).Concat(AllImages(options)).Where(part => WireJson.Text(WireJson.Member(part.Json, "image_url"), "detail") is not (null or "auto")).Select(part => $"{part.Path}.image_url.detail");

    public static IEnumerable<string> StrictTools(GatewayChatOptions options) =>
        options.Fields is null
            ? (options.Tools ?? []).Index().Where(tool => tool.Item is FunctionTool { Strict: true }).Select(tool => string.Create(CultureInfo.InvariantCulture, $"tools[{tool.Index}].function.strict"))
            : AllTools(options).Where(tool => WireJson.Member(WireJson.Member(tool.Json, "function"), "strict") is { ValueKind: JsonValueKind.True }).Select(tool => $"{tool.Path}.function.strict");

    public static IEnumerable<string> SearchOptions(GatewayChatOptions options) =>
        from field in Fields(Field(options, "web_search_options"))
        where field.Value.ValueKind != JsonValueKind.Null && !(field.Name == "search_context_size" && IsOneOf(field.Value, "medium"))
        select $"web_search_options.{field.Name}";

    public static IEnumerable<string> BadArguments(GatewayChatOptions options) =>
        AllCalls(options).Select(call => (Json: WireJson.Member(call.Json, "function"), Path: $"{call.Path}.function"))
            .Concat(All(options).Select(message => (Json: WireJson.Member(message.Json, "function_call"), Path: $"{message.Path}.function_call")))
            .Where(call => WireJson.Text(call.Json, "arguments") is { } arguments && !IsJsonObject(arguments)).Select(call => $"{call.Path}.arguments");

    public static Search Calls(string form) => options =>
        AllCalls(options).Where(call => WireJson.Member(call.Json, form) is not null).Select(call => $"{call.Path}.{form}");

    public static IEnumerable<string> OneCall(GatewayChatOptions options) => options.AllowMultipleToolCalls == false ? ["parallel_tool_calls"] : [];

    public static IEnumerable<string> Penalties(GatewayChatOptions options)
    {
        if (options.PresencePenalty is not (null or 0))
        {
            yield return "presence_penalty";
        }

        if (options.FrequencyPenalty is not (null or 0))
        {
            yield return "frequency_penalty";
        }
    }

    public static IEnumerable<string> GoogleFields(GatewayChatOptions options) =>
        Fields(WireJson.At(options.Fields, "extra_body", "google")).Where(field => GoogleNames.Contains(field.Name) && !IsNeutral(field.Value)).Select(field => $"extra_body.google.{field.Name}");

    public static IEnumerable<string> OnlyInstructions(GatewayChatOptions options) =>
        options.Fields is not null && All(options).All(message => Has(message.Json, "role", "system", "developer")) ? ["messages"] : [];

    /// <summary>What means nothing without another field, which is not there, or says the same as another one that is there.</summary>
    public static IEnumerable<string> Dangling(GatewayChatOptions options)
    {
        if (options.ToolMode is RequiredChatToolMode && options.Tools is not { Count: > 0 })
        {
            yield return "tool_choice";
        }

        if (Field(options, "top_logprobs") is not null && Field(options, "logprobs") is not { ValueKind: JsonValueKind.True })
        {
            yield return "top_logprobs";
        }

        if (Field(options, "reasoning_effort") is not null && (Field(options, "thinking") is { } thinking && IsFilledObject(thinking) || Field(options, "think") is not null
            || WireJson.At(options.Fields, "extra_body", "google", "thinking_config") is not null))
        {
            yield return "reasoning_effort";
        }
    }

    /// <summary>The first top-level field in which a string has half of a surrogate pair, which no protocol can carry; null where there is none.</summary>
    public static string? HalfPair(GatewayChatOptions options)
    {
        var bytes = options.Request.Asked is { } asked ? asked.Body.Bytes.Span : [];
        return bytes.IndexOf("\\ud"u8) < 0 && bytes.IndexOf("\\uD"u8) < 0
            ? null
            : Fields(options.Fields).Where(field => HasHalfPair(field.Value)).Select(field => Shown.Short(field.Name)).FirstOrDefault();
    }

    public static IEnumerable<string> CacheControl(GatewayChatOptions options) =>
        All(options).Concat(AllParts(options)).Concat(AllTools(options)).Where(item => WireJson.Member(item.Json, "cache_control") is not null).Select(item => $"{item.Path}.cache_control");

    public static bool IsData(JsonElement part) => WireJson.Text(WireJson.Member(part, "image_url"), "url")?.StartsWith("data:", StringComparison.OrdinalIgnoreCase) == true;

    public static bool IsOtherData(JsonElement part) =>
        IsData(part) && WireJson.Text(WireJson.Member(part, "image_url"), "url")?.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) != true;

    // With an id it is a file by id, whatever else is there.
    public static bool IsFileData(JsonElement part) => WireJson.Member(part, "file") is { } file && WireJson.Member(file, "file_id") is null
        && WireJson.Text(file, "file_data")?.StartsWith("data:", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Whether a message's thinking_blocks are Anthropic's.</summary>
    public static bool IsThinkingBlocks(JsonElement blocks) =>
        blocks.ValueKind == JsonValueKind.Array && blocks.EnumerateArray().All(block => Has(block, "type", "thinking", "redacted_thinking"));

    /// <summary>Whether a message's images are parts as answers have them.</summary>
    public static bool IsImageParts(JsonElement images) =>
        images.ValueKind == JsonValueKind.Array && images.EnumerateArray().All(image => Has(image, "type", "image_url"));

    public static bool IsFunction(JsonElement tool) => Has(tool, "type", "function");

    public static bool IsObject(JsonElement value) => value.ValueKind == JsonValueKind.Object;

    public static bool IsFilledObject(JsonElement value) => IsObject(value) && !IsNeutral(value);

    public static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    public static bool IsTextOrNumber(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number;

    public static bool IsFlagOrText(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.String;

    public static bool IsWhole(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0;

    public static bool IsOne(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number == 1;

    public static bool IsOneOf(JsonElement value, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(word))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Has(JsonElement? parent, string name, params ReadOnlySpan<string> words) =>
        WireJson.Member(parent, name) is { } value && IsOneOf(value, words);

    // What a prompt's parameters ask for, which are in nobody's bytes.
    private static string? PromptsChoice(GatewayChatOptions options) => options.ToolMode switch
    {
        NoneChatToolMode => "none",
        RequiredChatToolMode { RequiredFunctionName: null } => "required",
        RequiredChatToolMode => "function",
        _ => null,
    };

    private static bool HasHalfPair(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is null,
                JsonValueKind.Array => value.EnumerateArray().Any(HasHalfPair),
                JsonValueKind.Object => value.EnumerateObject().Any(field => field.Name.Length < 0 || HasHalfPair(field.Value)),
                _ => false,
            };
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    /// <summary>Whether a value asks for nothing, because it says "no" or nothing: store: false, logit_bias: {}, functions: [].</summary>
    public static bool IsNeutral(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static bool IsJsonObject(string text)
    {
        if (text.Length == 0)
        {
            // Models that call a tool without parameters often write nothing.
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static JsonElement.ObjectEnumerator Fields(JsonElement? parent) => parent is { ValueKind: JsonValueKind.Object } json ? json.EnumerateObject() : default;

    public static JsonElement? Field(GatewayChatOptions options, string name) => WireJson.Member(options.Fields, name);

    public static IEnumerable<(JsonElement Json, string Path)> All(GatewayChatOptions options) => Listed(options.Fields, "messages", "messages");

    public static IEnumerable<(JsonElement Json, string Path)> AllTools(GatewayChatOptions options) => Listed(options.Fields, "tools", "tools");

    public static IEnumerable<(JsonElement Json, string Path)> AllParts(GatewayChatOptions options) =>
        All(options).SelectMany(message => Listed(message.Json, "content", $"{message.Path}.content"));

    private static IEnumerable<(JsonElement Json, string Path)> AllImages(GatewayChatOptions options) =>
        All(options).SelectMany(message => Listed(message.Json, "images", $"{message.Path}.images"));

    public static IEnumerable<(JsonElement Json, string Path)> AllCalls(GatewayChatOptions options) =>
        All(options).SelectMany(message => Listed(message.Json, "tool_calls", $"{message.Path}.tool_calls"));

    public static IEnumerable<(JsonElement Json, string Path)> Listed(JsonElement? parent, string name, string path) =>
        WireJson.Items(parent, name).Select((item, index) => (item, $"{path}[{index}]"));
}
