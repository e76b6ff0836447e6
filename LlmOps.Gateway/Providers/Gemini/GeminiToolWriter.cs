using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Writes <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GeminiToolWriter
{
    public static void Write(Utf8JsonWriter json, GatewayChatOptions options)
    {
        var functions = (options.Tools ?? []).OfType<AIFunctionDeclaration>().ToList();
        var search = Searches(options);
        if (functions.Count == 0 && !search)
        {
            return;
        }

        json.WriteStartArray("tools");
        if (functions.Count > 0)
        {
            json.WriteStartObject();
            json.WriteStartArray("functionDeclarations");
            functions.ForEach(function => WriteFunction(json, function));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        if (search)
        {
            json.WriteStartObject();
            json.WriteStartObject("googleSearch");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (functions.Count > 0)
        {
            WriteChoice(json, options.ToolMode, strict: functions.Exists(function => function is FunctionTool { Strict: true }));
        }
    }

    /// <summary>Whether Google Search is asked for, in either way.</summary>
    public static bool Searches(GatewayChatOptions options) =>
        options.Tools?.Any(tool => tool is HostedWebSearchTool) == true || options.Extra("web_search_options") is not null;

    private static void WriteFunction(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        json.WriteStartObject();
        json.WriteString("name", function.Name);
        if (function.Description.Length > 0)
        {
            json.WriteString("description", function.Description);
        }

        // An object without properties is refused; no parameters at all say the same.
        if (WireJson.Member(function.JsonSchema, "properties") is not { ValueKind: JsonValueKind.Object } properties || properties.EnumerateObject().Any())
        {
            json.WritePropertyName("parametersJsonSchema");
            function.JsonSchema.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatToolMode? mode, bool strict)
    {
        var (word, only) = mode switch
        {
            NoneChatToolMode => ("NONE", null),
            RequiredChatToolMode required => ("ANY", required.RequiredFunctionName),
            _ when strict => ("VALIDATED", null),
            _ => (null, null),
        };
        if (word is null)
        {
            return;
        }

        json.WriteStartObject("toolConfig");
        json.WriteStartObject("functionCallingConfig");
        json.WriteString("mode", word);
        if (only is not null)
        {
            json.WriteOptional("allowedFunctionNames", [only]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
