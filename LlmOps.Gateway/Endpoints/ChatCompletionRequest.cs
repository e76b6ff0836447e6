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
    : ChatCallRequest(Model, Messages, Options, Stream)
{
    private const int MostStops = 16;
    private const int MostChoices = 128;
    private const int MostTools = 128;

    /// <summary>Checks and types a body.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static ChatCompletionRequest Parse(ReadOnlyMemory<byte> body) => PlainChatCompletion.Read(body) ?? Parse(JsonBody.Parse(body));

    /// <summary>Checks and types a body, with all that may be in it.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static ChatCompletionRequest Parse(JsonBody body)
    {
        var root = body.Root;
        var fields = new ChatCompletionFields(root);
        var model = body.NonEmptyText(fields[ChatCompletionField.Model] ?? throw body.Missing(root, "model"u8, "the name of a model"), "the name of a model");
        var options = new GatewayChatOptions();
        var messages = ChatMessageParser.Parse(body, fields[ChatCompletionField.Messages] ?? throw body.Missing(root, "messages"u8, "a list of messages"));
        var stream = fields[ChatCompletionField.Stream] is { } streamValue && body.Boolean(streamValue);
        ParseSampling(body, fields, options);
        ParseStop(body, fields, options);
        ParseResponseFormat(body, fields, options);
        ParseTools(body, fields, options);
        var includeUsage = ParseStreamOptions(body, fields, stream);
        options.Original = new OriginalRequest(WireProtocol.OpenAIChat, body, model, includeUsage);
        return new ChatCompletionRequest(model, messages, options, stream, includeUsage);
    }

    /// <summary>The most output tokens of a request that may name them twice: providers that get both differ in which of them holds.</summary>
    public static int? Larger(int? maxTokens, int? maxCompletionTokens) => maxTokens > maxCompletionTokens ? maxTokens : maxCompletionTokens ?? maxTokens;

    private static void ParseSampling(JsonBody body, in ChatCompletionFields fields, ChatOptions options)
    {
        options.Temperature = Number(body, fields[ChatCompletionField.Temperature], 0, 2);
        options.TopP = Number(body, fields[ChatCompletionField.TopP], 0, 1);
        options.PresencePenalty = Number(body, fields[ChatCompletionField.PresencePenalty], -2, 2);
        options.FrequencyPenalty = Number(body, fields[ChatCompletionField.FrequencyPenalty], -2, 2);
        options.Seed = Integer(body, fields[ChatCompletionField.Seed], long.MinValue, long.MaxValue);
        options.MaxOutputTokens = Larger((int?)Integer(body, fields[ChatCompletionField.MaxTokens], 1, int.MaxValue), (int?)Integer(body, fields[ChatCompletionField.MaxCompletionTokens], 1, int.MaxValue));

        // These have no typed form; they are checked here and travel as they are.
        _ = Integer(body, fields[ChatCompletionField.N], 1, MostChoices);
        _ = Integer(body, fields[ChatCompletionField.TopLogprobs], 0, 20);
        if (fields[ChatCompletionField.Logprobs] is { } logprobs)
        {
            body.Boolean(logprobs);
        }

        if (fields[ChatCompletionField.LogitBias] is { } bias)
        {
            body.Object(bias, "an object of token ids and numbers");
        }

        if (fields[ChatCompletionField.User] is { } user)
        {
            body.Text(user);
        }
    }

    private static void ParseStop(JsonBody body, in ChatCompletionFields fields, ChatOptions options)
    {
        const string Expected = "a string or a list of up to 16 strings";
        if (fields[ChatCompletionField.Stop] is not { } stop)
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

    private static bool ParseStreamOptions(JsonBody body, in ChatCompletionFields fields, bool stream)
    {
        if (fields[ChatCompletionField.StreamOptions] is not { } options)
        {
            return false;
        }

        body.Object(options);
        if (!stream)
        {
            throw new GatewayException(ErrorCode.InvalidValue, "stream_options is given without stream; expected it only with stream: true.", "stream_options");
        }

        return JsonBody.Optional(options, "include_usage"u8) is { } includeUsage && body.Boolean(includeUsage);
    }

    private static void ParseResponseFormat(JsonBody body, in ChatCompletionFields fields, ChatOptions options)
    {
        const string Expected = "text, json_object or json_schema";
        if (fields[ChatCompletionField.ResponseFormat] is not { } format)
        {
            return;
        }

        body.Object(format);
        var type = body.Required(format, "type"u8, Expected);
        switch (body.Text(type, Expected))
        {
            case "text":
                options.ResponseFormat = ChatResponseFormat.Text;
                break;
            case "json_object":
                options.ResponseFormat = ChatResponseFormat.Json;
                break;
            case "json_schema":
                var wrapper = body.Object(body.Required(format, "json_schema"u8, "an object with name and schema"));
                var name = body.NonEmptyText(body.Required(wrapper, "name"u8, "a name"));
                var description = JsonBody.Optional(wrapper, "description"u8) is { } text ? body.Text(text) : null;
                options.ResponseFormat = JsonBody.Optional(wrapper, "schema"u8) is { } schema
                    ? ChatResponseFormat.ForJsonSchema(body.Object(schema, "a JSON schema"), name, description)
                    : ChatResponseFormat.Json;
                break;
            default:
                throw body.Invalid(type, Expected);
        }
    }

    private static void ParseTools(JsonBody body, in ChatCompletionFields fields, ChatOptions options)
    {
        if (fields[ChatCompletionField.Tools] is { } tools)
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

        options.AllowMultipleToolCalls = fields[ChatCompletionField.ParallelToolCalls] is { } parallel ? body.Boolean(parallel) : null;
        if (fields[ChatCompletionField.ToolChoice] is { } choice)
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

        if (body.NonEmptyText(body.Required(tool, "type"u8, "function")) != "function")
        {
            return null;
        }

        var function = body.Object(body.Required(tool, "function"u8, "an object with name and parameters"));
        var name = body.NonEmptyText(body.Required(function, "name"u8, "the function's name"));
        var description = JsonBody.Optional(function, "description"u8) is { } text ? body.Text(text) : null;
        var parameters = JsonBody.Optional(function, "parameters"u8) is { } schema ? body.Object(schema, "a JSON schema") : NoParameters;
        var strict = JsonBody.Optional(function, "strict"u8) is { } flag && body.Boolean(flag);
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
            return JsonBody.Optional(choice, "function"u8) is { } function
                ? ChatToolMode.RequireSpecific(body.NonEmptyText(body.Required(body.Object(function), "name"u8, "the function's name")))
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

    private static float? Number(JsonBody body, JsonElement? field, double min, double max) =>
        field is { } value ? (float)body.Number(value, min, max) : null;

    private static long? Integer(JsonBody body, JsonElement? field, long min, long max) =>
        field is { } value ? body.Integer(value, min, max) : null;

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");
}
