using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>Writes the typed request as a Messages request.</summary>
internal static class AnthropicRequestWriter
{
    // The API demands a limit. This is the least that any of its models can give.
    private const int UnknownOutputLimit = 4096;

    /// <summary>The bytes to send.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<ChatMessage> messages, GatewayChatOptions options, bool stream)
    {
        var conversation = messages.ToList();
        return ProviderRequest.Object(json =>
        {
            json.WriteString("model", options.ModelId);
            json.WriteNumber("max_tokens", MaxTokens(options));
            AnthropicMessageWriter.Write(json, conversation);
            if (stream)
            {
                json.WriteBoolean("stream", true);
            }

            json.WriteOptional("temperature", options.Temperature);
            json.WriteOptional("top_p", options.TopP);
            json.WriteOptional("stop_sequences", options.StopSequences);
            if (options.Extra("top_k") is { } topK)
            {
                json.WritePropertyName("top_k");
                topK.WriteTo(json);
            }

            WriteTools(json, options);
            WriteThinking(json, options);
            WriteOutputConfig(json, options);
            if ((options.Extra("user") ?? options.Extra("safety_identifier")) is { ValueKind: JsonValueKind.String } user)
            {
                json.WriteStartObject("metadata");
                json.WriteString("user_id", user.GetString());
                json.WriteEndObject();
            }
        });
    }

    // More than the model can give is refused; as an upper bound the model's limit says the same.
    private static int MaxTokens(GatewayChatOptions options)
    {
        var limit = options.Request.Target?.Pricing.Facts?.MaxOutputTokens;
        return Math.Min(options.MaxOutputTokens ?? limit ?? UnknownOutputLimit, limit ?? int.MaxValue);
    }

    private static void WriteTools(Utf8JsonWriter json, ChatOptions options)
    {
        var tools = (options.Tools ?? []).OfType<AIFunctionDeclaration>().ToList();
        if (tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("name", tool.Name);
            if (tool.Description.Length > 0)
            {
                json.WriteString("description", tool.Description);
            }

            var own = tool as FunctionTool;
            json.WritePropertyName("input_schema");
            tool.JsonSchema.WriteTo(json);
            if (own?.Strict == true)
            {
                json.WriteBoolean("strict", true);
            }

            AnthropicMessageWriter.WriteCacheControl(json, own?.CacheControl);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteChoice(json, options);
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatOptions options)
    {
        var single = options.AllowMultipleToolCalls == false;
        if (!single && options.ToolMode is (null or AutoChatToolMode))
        {
            return;
        }

        json.WriteStartObject("tool_choice");
        json.WriteString("type", options.ToolMode switch
        {
            NoneChatToolMode => "none",
            RequiredChatToolMode { RequiredFunctionName: not null } => "tool",
            RequiredChatToolMode => "any",
            _ => "auto",
        });
        if (options.ToolMode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            json.WriteString("name", name);
        }

        if (single && options.ToolMode is not NoneChatToolMode)
        {
            json.WriteBoolean("disable_parallel_tool_use", true);
        }

        json.WriteEndObject();
    }

    private static void WriteThinking(Utf8JsonWriter json, GatewayChatOptions options)
    {
        if (options.Extra("thinking") is { ValueKind: JsonValueKind.Object } thinking && thinking.EnumerateObject().Any())
        {
            json.WritePropertyName("thinking");
            thinking.WriteTo(json);
        }
        else if (Effort(options) == "none")
        {
            json.WriteStartObject("thinking");
            json.WriteString("type", "disabled");
            json.WriteEndObject();
        }
    }

    private static void WriteOutputConfig(Utf8JsonWriter json, GatewayChatOptions options)
    {
        var schema = AnswerSchema.Of(options.ResponseFormat);
        var effort = Effort(options) is { } word and not "none" ? word : null;
        if (schema is null && effort is null)
        {
            return;
        }

        json.WriteStartObject("output_config");
        if (schema is { } wanted)
        {
            json.WriteStartObject("format");
            json.WriteString("type", "json_schema");
            json.WritePropertyName("schema");
            ClosedSchema.Write(json, wanted);
            json.WriteEndObject();
        }

        if (effort is not null)
        {
            json.WriteString("effort", effort);
        }

        json.WriteEndObject();
    }

    private static string? Effort(GatewayChatOptions options) => options.Extra("reasoning_effort") is { ValueKind: JsonValueKind.String } effort ? effort.GetString() : null;
}
