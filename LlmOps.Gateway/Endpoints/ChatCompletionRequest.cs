using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// A POST /v1/chat/completions, checked and typed. What is wrong is found here, before anything is spent; fields that
/// are not known here are left to the provider.
/// </summary>
/// <param name="Model">The model as the caller names it.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Parameters, with the caller's bytes.</param>
/// <param name="Stream">Whether the caller wants a stream.</param>
/// <param name="IncludeUsage">Whether the stream is to end with its usage.</param>
internal sealed record ChatCompletionRequest(
    string Model, IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options, bool Stream, bool IncludeUsage)
{
    private static readonly FrozenSet<string> KnownFields = new[]
    {
        "model", "messages", "stream", "stream_options", "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed",
        "max_tokens", "max_completion_tokens", "n", "logprobs", "top_logprobs", "logit_bias", "user", "stop", "response_format",
        "tools", "tool_choice", "parallel_tool_calls",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> KnownSpans = KnownFields.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly int LongestName = KnownFields.Max(name => name.Length);

    // What has a typed form. Everything else travels as the caller's JSON, for the provider to take or refuse.
    private static readonly FrozenSet<string> TypedFields = KnownFields
        .Except(["n", "logprobs", "top_logprobs", "logit_bias", "user"])
        .ToFrozenSet(StringComparer.Ordinal);

    private const int MostStops = 16;
    private const int MostChoices = 128;
    private const int MostTools = 128;

    /// <summary>Checks and types a body.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static ChatCompletionRequest Parse(JsonBody body)
    {
        var root = body.Root;
        var options = new GatewayChatOptions { Original = new OriginalRequest(WireProtocol.OpenAIChat, body) };
        ParseNames(root, options);
        var model = body.NonEmptyText(body.Required(root, "model", "the name of a model"), "the name of a model");
        var messages = ChatMessageParser.Parse(body, body.Required(root, "messages", "a list of messages"));
        var stream = JsonBody.Optional(root, "stream") is { } streamValue && body.Boolean(streamValue);
        ParseSampling(body, options);
        ParseStop(body, options);
        ParseResponseFormat(body, options);
        ParseTools(body, options);
        return new ChatCompletionRequest(model, messages, options, stream, ParseStreamOptions(body, stream));
    }

    private static void ParseNames(JsonElement root, GatewayChatOptions options)
    {
        foreach (var field in root.EnumerateObject())
        {
            var known = KnownName(field);
            if (known is not null && !field.NameEquals(known))
            {
                // Servers that match names without regard to case would take such a field for the known one, past our checks.
                throw new GatewayException(ErrorCode.UnsupportedParameter, $"{field.Name} is not a field; expected {known}.", field.Name);
            }

            if ((known is null || !TypedFields.Contains(known)) && field.Value.ValueKind != JsonValueKind.Null)
            {
                (options.AdditionalProperties ??= [])[known ?? field.Name] = field.Value;
            }
        }
    }

    // Without a string for every name of every request.
    private static string? KnownName(JsonProperty field)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(field);
        if (raw.Contains((byte)'\\'))
        {
            return KnownFields.TryGetValue(field.Name, out var escaped) ? escaped : null;
        }

        Span<char> name = stackalloc char[LongestName];
        return raw.Length <= LongestName && Encoding.UTF8.TryGetChars(raw, name, out var length) && KnownSpans.TryGetValue(name[..length], out var known) ? known : null;
    }

    private static void ParseSampling(JsonBody body, ChatOptions options)
    {
        options.Temperature = Number(body, "temperature", 0, 2);
        options.TopP = Number(body, "top_p", 0, 1);
        options.PresencePenalty = Number(body, "presence_penalty", -2, 2);
        options.FrequencyPenalty = Number(body, "frequency_penalty", -2, 2);
        options.Seed = Integer(body, "seed", long.MinValue, long.MaxValue);
        options.MaxOutputTokens = (int?)Integer(body, "max_tokens", 1, int.MaxValue);
        options.MaxOutputTokens = (int?)Integer(body, "max_completion_tokens", 1, int.MaxValue) ?? options.MaxOutputTokens;

        // These have no typed form; they are checked here and travel as they are.
        _ = Integer(body, "n", 1, MostChoices);
        _ = Integer(body, "top_logprobs", 0, 20);
        if (JsonBody.Optional(body.Root, "logprobs") is { } logprobs)
        {
            body.Boolean(logprobs);
        }

        if (JsonBody.Optional(body.Root, "logit_bias") is { } bias)
        {
            body.Object(bias, "an object of token ids and numbers");
        }

        if (JsonBody.Optional(body.Root, "user") is { } user)
        {
            body.Text(user);
        }
    }

    private static void ParseStop(JsonBody body, ChatOptions options)
    {
        const string Expected = "a string or a list of up to 16 strings";
        if (JsonBody.Optional(body.Root, "stop") is not { } stop)
        {
            return;
        }

        if (stop.ValueKind == JsonValueKind.String)
        {
            options.StopSequences = [body.Text(stop)];
            return;
        }

        if (body.Array(stop, Expected).GetArrayLength() > MostStops)
        {
            throw body.Invalid(stop, Expected);
        }

        options.StopSequences = [.. stop.EnumerateArray().Select(item => body.Text(item))];
    }

    private static bool ParseStreamOptions(JsonBody body, bool stream)
    {
        if (JsonBody.Optional(body.Root, "stream_options") is not { } options)
        {
            return false;
        }

        body.Object(options);
        if (!stream)
        {
            throw new GatewayException(ErrorCode.InvalidValue, "stream_options is given without stream; expected it only with stream: true.", "stream_options");
        }

        return JsonBody.Optional(options, "include_usage") is { } includeUsage && body.Boolean(includeUsage);
    }

    private static void ParseResponseFormat(JsonBody body, ChatOptions options)
    {
        const string Expected = "text, json_object or json_schema";
        if (JsonBody.Optional(body.Root, "response_format") is not { } format)
        {
            return;
        }

        body.Object(format);
        var type = body.Required(format, "type", Expected);
        switch (body.Text(type, Expected))
        {
            case "text":
                options.ResponseFormat = ChatResponseFormat.Text;
                break;
            case "json_object":
                options.ResponseFormat = ChatResponseFormat.Json;
                break;
            case "json_schema":
                var wrapper = body.Object(body.Required(format, "json_schema", "an object with name and schema"));
                var name = body.NonEmptyText(body.Required(wrapper, "name", "a name"));
                var description = JsonBody.Optional(wrapper, "description") is { } text ? body.Text(text) : null;
                options.ResponseFormat = JsonBody.Optional(wrapper, "schema") is { } schema
                    ? ChatResponseFormat.ForJsonSchema(body.Object(schema, "a JSON schema"), name, description)
                    : ChatResponseFormat.Json;
                break;
            default:
                throw body.Invalid(type, Expected);
        }
    }

    private static void ParseTools(JsonBody body, ChatOptions options)
    {
        if (JsonBody.Optional(body.Root, "tools") is { } tools)
        {
            if (body.Array(tools, "a list of tools").GetArrayLength() > MostTools)
            {
                throw body.Invalid(tools, $"a list of up to {MostTools} tools");
            }

            options.Tools = [];
            foreach (var tool in tools.EnumerateArray())
            {
                if (ParseTool(body, tool) is { } declaration)
                {
                    options.Tools.Add(declaration);
                }
            }
        }

        options.AllowMultipleToolCalls = JsonBody.Optional(body.Root, "parallel_tool_calls") is { } parallel ? body.Boolean(parallel) : null;
        if (JsonBody.Optional(body.Root, "tool_choice") is { } choice)
        {
            options.ToolMode = ParseToolChoice(body, choice);
        }
    }

    // Tools of other types are vendors' own: they travel in the caller's bytes.
    private static AITool? ParseTool(JsonBody body, JsonElement tool)
    {
        body.Object(tool, "a tool: an object with type and function");
        if (IsGoogleSearch(tool))
        {
            return new HostedWebSearchTool();
        }

        if (body.NonEmptyText(body.Required(tool, "type", "function")) != "function")
        {
            return null;
        }

        var function = body.Object(body.Required(tool, "function", "an object with name and parameters"));
        var name = body.NonEmptyText(body.Required(function, "name", "the function's name"));
        var description = JsonBody.Optional(function, "description") is { } text ? body.Text(text) : null;
        var parameters = JsonBody.Optional(function, "parameters") is { } schema ? body.Object(schema, "a JSON schema") : NoParameters;
        var strict = JsonBody.Optional(function, "strict") is { } flag && body.Boolean(flag);
        return new FunctionTool(name, description, parameters, strict, JsonBody.Optional(tool, MessageProperties.CacheControl));
    }

    /// <summary>Whether a tool is Google Search: <c>{"type":"google_search"}</c>, or as Google writes it, <c>{"google_search":{}}</c>.</summary>
    public static bool IsGoogleSearch(JsonElement tool) =>
        tool.TryGetProperty("google_search", out _) || tool.TryGetProperty("googleSearch", out _)
        || (tool.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("google_search"));

    private static ChatToolMode ParseToolChoice(JsonBody body, JsonElement choice)
    {
        const string Expected = "none, auto, required, or an object that names a function";
        if (choice.ValueKind == JsonValueKind.Object)
        {
            return JsonBody.Optional(choice, "function") is { } function
                ? ChatToolMode.RequireSpecific(body.NonEmptyText(body.Required(body.Object(function), "name", "the function's name")))
                : ChatToolMode.RequireAny;
        }

        return body.Text(choice, Expected) switch
        {
            "none" => ChatToolMode.None,
            "auto" => ChatToolMode.Auto,
            "required" => ChatToolMode.RequireAny,
            _ => throw body.Invalid(choice, Expected),
        };
    }

    private static float? Number(JsonBody body, string name, double min, double max) =>
        JsonBody.Optional(body.Root, name) is { } value ? (float)body.Number(value, min, max) : null;

    private static long? Integer(JsonBody body, string name, long min, long max) =>
        JsonBody.Optional(body.Root, name) is { } value ? body.Integer(value, min, max) : null;

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");
}
