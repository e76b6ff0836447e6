using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>The pieces of OpenAI's form that requests and answers have in common, from their typed form.</summary>
internal static class OpenAIContent
{
    /// <summary>How a refusal is told from other error content.</summary>
    public const string RefusalCode = "refusal";

    /// <summary>Writes <c>content</c>: a string where there is only text, else a list of parts, or null where there is none.</summary>
    public static void WriteParts(Utf8JsonWriter json, IList<AIContent> contents)
    {
        if (contents.Any(content => content is DataContent or UriContent or HostedFileContent))
        {
            json.WriteStartArray("content");
            foreach (var content in contents)
            {
                WritePart(json, content);
            }

            json.WriteEndArray();
        }
        else if (contents.Any(content => content is TextContent))
        {
            json.WriteString("content", string.Concat(contents.OfType<TextContent>().Select(text => text.Text)));
        }
        else
        {
            json.WriteNull("content");
        }
    }

    /// <summary>Writes <c>tool_calls</c> if there are any.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="idOf">How their ids are written: callers get them whole, providers as they understand them.</param>
    public static void WriteToolCalls(Utf8JsonWriter json, IEnumerable<FunctionCallContent> calls, Func<string, string> idOf)
    {
        var open = false;
        foreach (var call in calls)
        {
            if (!open)
            {
                json.WriteStartArray("tool_calls");
                open = true;
            }

            json.WriteStartObject();
            json.WriteString("id", idOf(call.CallId));
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", ArgumentsText(call));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (open)
        {
            json.WriteEndArray();
        }
    }

    /// <summary>A call from its parts; arguments that are not JSON are kept as they are, with the fault beside them.</summary>
    public static FunctionCallContent ReadToolCall(string? id, string name, string arguments)
    {
        var call = FunctionCallContent.CreateFromParsedArguments(arguments, id ?? "", name, ParseArguments);
        call.RawRepresentation = arguments;
        return call;
    }

    /// <summary>A call's arguments as JSON text: the model's own where it was kept.</summary>
    public static string ArgumentsText(FunctionCallContent call) =>
        call.RawRepresentation as string
        ?? (call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>))));

    /// <summary>A call's arguments for protocols that have them as an object; the request was checked to have nothing else.</summary>
    public static string ArgumentsObject(FunctionCallContent call) => ArgumentsText(call) is { } text && !string.IsNullOrWhiteSpace(text) ? text : "{}";

    /// <summary>A tool's result as text.</summary>
    public static string ResultText(FunctionResultContent result) => result.Result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        var other => JsonSerializer.Serialize(other, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object))),
    };

    /// <summary>Writes <c>response_format</c> if one is asked for.</summary>
    public static void WriteResponseFormat(Utf8JsonWriter json, ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson wanted)
        {
            return;
        }

        json.WriteStartObject("response_format");
        if (wanted.Schema is { } schema)
        {
            json.WriteString("type", "json_schema");
            json.WriteStartObject("json_schema");
            json.WriteString("name", wanted.SchemaName ?? "response");
            if (wanted.SchemaDescription is { } description)
            {
                json.WriteString("description", description);
            }

            json.WritePropertyName("schema");
            schema.WriteTo(json);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type", "json_object");
        }

        json.WriteEndObject();
    }

    /// <summary>Writes one of <c>tools</c>, in the form that Ollama has as well.</summary>
    public static void WriteTool(Utf8JsonWriter json, AIFunctionDeclaration tool, bool isStrict = false)
    {
        json.WriteStartObject();
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", tool.Name);
        json.WriteString("description", tool.Description);
        json.WritePropertyName("parameters");
        tool.JsonSchema.WriteTo(json);
        if (isStrict)
        {
            json.WriteBoolean("strict", true);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c> if there are tools.</summary>
    public static void WriteTools(Utf8JsonWriter json, ChatOptions options)
    {
        if (options.Tools is not { Count: > 0 } tools)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (var tool in tools.OfType<AIFunctionDeclaration>())
        {
            WriteTool(json, tool, isStrict: tool is FunctionTool { Strict: true });
        }

        json.WriteEndArray();
        switch (options.ToolMode)
        {
            case NoneChatToolMode:
                json.WriteString("tool_choice", "none");
                break;
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteStartObject("tool_choice");
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case RequiredChatToolMode:
                json.WriteString("tool_choice", "required");
                break;
        }

        if (options.AllowMultipleToolCalls is { } parallel)
        {
            json.WriteBoolean("parallel_tool_calls", parallel);
        }
    }

    /// <summary>Writes a list of image parts.</summary>
    public static void WriteImages(Utf8JsonWriter json, IEnumerable<DataContent> images)
    {
        json.WriteStartArray();
        foreach (var image in images)
        {
            WriteImage(json, image.Uri, image);
        }

        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                json.WriteStartObject();
                json.WriteString("type", "text");
                json.WriteString("text", text.Text);
                json.WriteEndObject();
                break;
            case DataContent data when data.HasTopLevelMediaType("image"):
                WriteImage(json, data.Uri, data);
                break;
            case UriContent uri:
                WriteImage(json, uri.Uri.OriginalString, uri);
                break;
        }
    }

    private static void WriteImage(Utf8JsonWriter json, string url, AIContent content)
    {
        json.WriteStartObject();
        json.WriteString("type", "image_url");
        json.WriteStartObject("image_url");
        json.WriteString("url", url);
        if (content.AdditionalProperties?.GetValueOrDefault(MessageProperties.ImageDetail) is string detail)
        {
            json.WriteString("detail", detail);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static Dictionary<string, object?> ParseArguments(string arguments) =>
        arguments.Length == 0
            ? []
            : JsonSerializer.Deserialize(arguments, ArgumentsContext.Default.DictionaryStringObject) ?? [];
}
