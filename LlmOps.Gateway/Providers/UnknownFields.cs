using System.Collections.Frozen;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using static LlmOps.Gateway.Providers.RequestSearch;

namespace LlmOps.Gateway.Providers;

/// <summary>Finds what no translation knows: fields at any level of a request, and known ones in a form that nobody expects.</summary>
internal static class UnknownFields
{
    // What a request in OpenAI's form may have, level by level. Answers come back in messages of role assistant.
    private static readonly FrozenSet<string> Roots = new[]
    {
        "model", "messages", "stream", "stream_options", "temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "seed",
        "max_tokens", "max_completion_tokens", "n", "logprobs", "top_logprobs", "logit_bias", "user", "stop", "response_format",
        "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "web_search_options", "reasoning_effort", "thinking",
        "extra_body", "keep_alive", "options", "think", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "metadata", "store",
        "service_tier", "verbosity", "modalities", "audio", "prediction",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> MessageFields = new[] { "role", "content", "name", "tool_call_id", "cache_control" }.ToFrozenSet();

    private static readonly FrozenSet<string> AnswerFields = MessageFields.Concat(
    [
        "tool_calls", "function_call", "refusal", "reasoning_content", "reasoning", "thinking_blocks", "extra_content", "annotations", "images", "parsed",
    ]).ToFrozenSet();

    private static readonly FrozenSet<string> PartFields = new[] { "type", "text", "image_url", "input_audio", "file", "refusal", "cache_control" }.ToFrozenSet();
    private static readonly FrozenSet<string> CallFields = new[] { "id", "type", "function", "custom", "index", "extra_content" }.ToFrozenSet();
    private static readonly FrozenSet<string> CalledFields = new[] { "name", "arguments", "parsed_arguments" }.ToFrozenSet();
    private static readonly FrozenSet<string> ImageFields = new[] { "url", "detail" }.ToFrozenSet();
    private static readonly FrozenSet<string> AudioFields = new[] { "data", "format" }.ToFrozenSet();
    private static readonly FrozenSet<string> FileFields = new[] { "file_data", "file_id", "filename" }.ToFrozenSet();
    private static readonly FrozenSet<string> ToolFields = new[] { "type", "function", "cache_control" }.ToFrozenSet();
    private static readonly FrozenSet<string> FunctionFields = new[] { "name", "description", "parameters", "strict" }.ToFrozenSet();
    private static readonly FrozenSet<string> SearchToolFields = new[] { "type", "google_search", "googleSearch" }.ToFrozenSet();
    private static readonly FrozenSet<string> StreamFields = new[] { "include_usage", "include_obfuscation" }.ToFrozenSet();
    private static readonly FrozenSet<string> FormatFields = new[] { "type", "json_schema" }.ToFrozenSet();
    private static readonly FrozenSet<string> SchemaFields = new[] { "name", "description", "schema", "strict" }.ToFrozenSet();
    private static readonly FrozenSet<string> ExtraFields = new[] { "google" }.ToFrozenSet();

    /// <summary>Fields that nobody here knows, at any level, and known ones in a form that nobody knows; those that ask for nothing are passed over.</summary>
    public static IEnumerable<string> Find(GatewayChatOptions options)
    {
        if (options.Fields is not { } root)
        {
            return [];
        }

        return Others(root, Roots, "")
            .Concat(All(options).SelectMany(message => Others(message.Json, Has(message.Json, "role", "assistant") ? AnswerFields : MessageFields, message.Path)))
            .Concat(AllParts(options).SelectMany(part => Others(part.Json, PartFields, part.Path)))
            .Concat(AllParts(options).SelectMany(part => Others(WireJson.Member(part.Json, "image_url"), ImageFields, $"{part.Path}.image_url")
                .Concat(Others(WireJson.Member(part.Json, "input_audio"), AudioFields, $"{part.Path}.input_audio"))
                .Concat(Others(WireJson.Member(part.Json, "file"), FileFields, $"{part.Path}.file"))))
            .Concat(All(options).SelectMany(Misplaced))
            .Concat(All(options).SelectMany(MisshapenAnswer))
            .Concat(AllCalls(options).SelectMany(call => Others(call.Json, CallFields, call.Path)
                .Concat(Others(WireJson.Member(call.Json, "function"), CalledFields, $"{call.Path}.function"))))
            .Concat(AllTools(options).Where(tool => IsFunction(tool.Json)).SelectMany(tool =>
                Others(tool.Json, ToolFields, tool.Path).Concat(Others(WireJson.Member(tool.Json, "function"), FunctionFields, $"{tool.Path}.function"))))
            .Concat(AllTools(options).Where(tool => ChatCompletionRequest.IsGoogleSearch(tool.Json)).SelectMany(tool => Others(tool.Json, SearchToolFields, tool.Path)
                .Concat(Others(WireJson.Member(tool.Json, "google_search"), FrozenSet<string>.Empty, $"{tool.Path}.google_search"))
                .Concat(Others(WireJson.Member(tool.Json, "googleSearch"), FrozenSet<string>.Empty, $"{tool.Path}.googleSearch"))))
            .Concat(Others(WireJson.Member(root, "stream_options"), StreamFields, "stream_options"))
            .Concat(Others(WireJson.Member(root, "response_format"), FormatFields, "response_format"))
            .Concat(Others(WireJson.At(root, "response_format", "json_schema"), SchemaFields, "response_format.json_schema"))
            .Concat(Others(WireJson.Member(root, "extra_body"), ExtraFields, "extra_body"))
            .Concat(Others(WireJson.At(root, "extra_body", "google"), GoogleNames, "extra_body.google"))
            .Concat(WireJson.Items(root, "modalities").Any(item => !IsOneOf(item, "text", "image", "audio")) ? ["modalities"] : [])
            .Concat(WireJson.Member(root, "reasoning_effort") is { } effort && !IsOneOf(effort, "none", "minimal", "low", "medium", "high", "xhigh") ? ["reasoning_effort"] : [])
            .Concat(Misshapen(root));
    }

    // Fields that are known, but not in this form: each would otherwise be passed over by its own search.
    private static IEnumerable<string> Misshapen(JsonElement root)
    {
        (string Name, Func<JsonElement, bool> Form)[] forms =
        [
            ("web_search_options", IsObject), ("top_k", IsWhole), ("thinking", IsObject), ("extra_body", IsObject), ("keep_alive", IsTextOrNumber),
            ("options", IsObject), ("think", IsFlagOrText), ("prompt_cache_key", IsText), ("prompt_cache_retention", IsText),
            ("user", IsText), ("safety_identifier", IsText), ("metadata", IsObject), ("service_tier", IsText), ("verbosity", IsText), ("modalities", value => value.ValueKind == JsonValueKind.Array),
        ];
        return forms.Where(known => WireJson.Member(root, known.Name) is { } value && !known.Form(value)).Select(known => known.Name)
            .Concat(WireJson.At(root, "extra_body", "google") is { } google && !IsObject(google) ? ["extra_body.google"] : [])
            .Concat(WireJson.At(root, "extra_body", "google", "thinking_config") is { } thinking && !IsObject(thinking) ? ["extra_body.google.thinking_config"] : []);
    }

    private static IEnumerable<string> MisshapenAnswer((JsonElement Json, string Path) message)
    {
        (string Name, Func<JsonElement, bool> Form)[] forms =
        [
            (MessageExtension.ThinkingBlocks, IsThinkingBlocks), (MessageExtension.ExtraContent, IsObject), ("images", IsImageParts),
            ("reasoning_content", IsText), ("reasoning", IsText),
        ];
        return forms.Where(known => WireJson.Member(message.Json, known.Name) is { } value && !known.Form(value)).Select(known => $"{message.Path}.{known.Name}");
    }

    // Only text has a place in instructions and tool results.
    private static IEnumerable<string> Misplaced((JsonElement Json, string Path) message) =>
        Has(message.Json, "role", "system", "developer", "tool", "function")
            ? Listed(message.Json, "content", $"{message.Path}.content").Where(part => !Has(part.Json, "type", "text")).Select(part => part.Path)
            : [];

    private static IEnumerable<string> Others(JsonElement? parent, FrozenSet<string> known, string path) =>
        Fields(parent).Where(field => !known.Contains(field.Name) && !IsNeutral(field.Value)).Select(field => path.Length == 0 ? Shown.Short(field.Name) : $"{path}.{Shown.Short(field.Name)}");
}
