using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Writes the typed request as an Ollama chat.</summary>
internal static class OllamaRequestWriter
{
    /// <summary>The bytes to send.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<ChatMessage> messages, GatewayChatOptions options, ProviderOptions provider, bool stream) =>
        ProviderRequest.Object(json =>
        {
            json.WriteString("model", options.ModelId);
            WriteMessages(json, messages);

            // Streaming is the default there.
            json.WriteBoolean("stream", stream);

            // A prompt that is longer than the context is to be an error; by default its beginning would be cut off silently.
            json.WriteBoolean("truncate", false);
            WriteTools(json, options);
            WriteFormat(json, options.ResponseFormat);
            WriteOptions(json, options, provider);
            WriteExtra(json, options, "logprobs");
            WriteExtra(json, options, "top_logprobs");
            if (options.Extra("keep_alive") is null)
            {
                WriteKeepAlive(json, provider);
            }

            WriteExtra(json, options, "keep_alive");
            WriteThink(json, options);
        });

    /// <summary>Writes how long the model stays in memory, if the provider's settings say.</summary>
    public static void WriteKeepAlive(Utf8JsonWriter json, ProviderOptions provider)
    {
        if (provider.KeepAlive is { } keepAlive)
        {
            // A text must have a unit there; seconds, and -1 for ever, are numbers.
            var isNumber = long.TryParse(keepAlive, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds);
            json.WritePropertyName("keep_alive");
            json.WriteRawValue(isNumber ? seconds.ToString(CultureInfo.InvariantCulture) : JsonSerializer.Serialize(keepAlive, StringContext.Default.String));
        }
    }

    private static void WriteMessages(Utf8JsonWriter json, IEnumerable<ChatMessage> messages)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        json.WriteStartArray("messages");
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                {
                    json.WriteStartObject();
                    json.WriteString("role", "tool");
                    json.WriteString("content", OpenAIContent.ResultText(result));
                    json.WriteString("tool_name", names.GetValueOrDefault(result.CallId, result.CallId));
                    json.WriteString("tool_call_id", ToolCallIds.Plain(result.CallId));
                    json.WriteEndObject();
                }

                continue;
            }

            json.WriteStartObject();
            json.WriteString("role", message.IsInstruction() ? "system" : message.Role.Value);
            json.WriteString("content", string.Concat(message.Contents.Select(Text)));
            if (message.Contents.OfType<TextReasoningContent>().ToList() is { Count: > 0 } thoughts)
            {
                json.WriteString("thinking", string.Concat(thoughts.Select(thought => thought.Text)));
            }

            WriteImages(json, message);
            WriteCalls(json, message, names);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Text(AIContent content) => content switch
    {
        TextContent text => text.Text,
        ErrorContent { ErrorCode: OpenAIContent.RefusalCode } refusal => refusal.Message,
        _ => "",
    };

    private static void WriteImages(Utf8JsonWriter json, ChatMessage message)
    {
        if (message.Contents.OfType<DataContent>().Where(data => data.HasTopLevelMediaType("image")).ToList() is { Count: > 0 } images)
        {
            json.WriteStartArray("images");
            images.ForEach(image => json.WriteStringValue(image.Base64Data.Span));
            json.WriteEndArray();
        }
    }

    private static void WriteCalls(Utf8JsonWriter json, ChatMessage message, Dictionary<string, string> names)
    {
        if (message.Contents.OfType<FunctionCallContent>().ToList() is not { Count: > 0 } calls)
        {
            return;
        }

        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            names[call.CallId] = call.Name;
            json.WriteStartObject();
            json.WriteString("id", ToolCallIds.Plain(call.CallId));
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WritePropertyName("arguments");
            json.WriteRawValue(OpenAIContent.ArgumentsObject(call));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // There is no way to forbid calls but not to offer tools.
    private static void WriteTools(Utf8JsonWriter json, ChatOptions options)
    {
        var tools = (options.Tools ?? []).OfType<AIFunctionDeclaration>().ToList();
        if (tools.Count == 0 || options.ToolMode is NoneChatToolMode)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            OpenAIContent.WriteTool(json, tool);
        }

        json.WriteEndArray();
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormat? format)
    {
        if (AnswerSchema.Of(format) is { } schema)
        {
            json.WritePropertyName("format");
            schema.WriteTo(json);
        }
        else if (format is ChatResponseFormatJson)
        {
            json.WriteString("format", "json");
        }
    }

    // The settings of the provider, over them the caller's options, over them OpenAI's own fields.
    private static void WriteOptions(Utf8JsonWriter json, GatewayChatOptions options, ProviderOptions provider)
    {
        var own = OwnFields(options).Select(field => field.Name).Append(options.StopSequences is { Count: > 0 } ? "stop" : "").ToHashSet(StringComparer.Ordinal);
        json.WriteStartObject("options");
        var given = options.Extra("options") is { ValueKind: JsonValueKind.Object } extra ? extra.EnumerateObject().ToList() : [];
        if (provider.ContextLength is { } context && !given.Exists(field => field.NameEquals("num_ctx")))
        {
            json.WriteNumber("num_ctx", context);
        }

        foreach (var field in given.Where(field => !own.Contains(field.Name)))
        {
            field.WriteTo(json);
        }

        foreach (var (name, write) in OwnFields(options))
        {
            json.WritePropertyName(name);
            write(json);
        }

        json.WriteOptional("stop", options.StopSequences);
        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, Action<Utf8JsonWriter> Write)> OwnFields(GatewayChatOptions options)
    {
        (string Name, float? Value)[] numbers =
        [
            ("temperature", options.Temperature), ("top_p", options.TopP),
            ("presence_penalty", options.PresencePenalty), ("frequency_penalty", options.FrequencyPenalty),
        ];
        foreach (var (name, value) in numbers)
        {
            if (value is { } number)
            {
                yield return (name, json => json.WriteNumberValue(number));
            }
        }

        (string Name, long? Value)[] integers = [("seed", options.Seed), ("num_predict", options.MaxOutputTokens)];
        foreach (var (name, value) in integers)
        {
            if (value is { } number)
            {
                yield return (name, json => json.WriteNumberValue(number));
            }
        }

        if (options.Extra("top_k") is { } topK)
        {
            yield return ("top_k", topK.WriteTo);
        }
    }

    private static void WriteThink(Utf8JsonWriter json, GatewayChatOptions options)
    {
        if (options.Extra("think") is not null)
        {
            WriteExtra(json, options, "think");
        }
        else if (options.Extra("reasoning_effort") is { ValueKind: JsonValueKind.String } effort)
        {
            if (effort.ValueEquals("none"))
            {
                json.WriteBoolean("think", false);
            }
            else
            {
                json.WriteString("think", effort.GetString());
            }
        }
    }

    private static void WriteExtra(Utf8JsonWriter json, GatewayChatOptions options, string name)
    {
        if (options.Extra(name) is { } value)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }
}
