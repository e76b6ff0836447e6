using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Writes <c>generationConfig</c> and Google's own fields.</summary>
internal static class GeminiConfigWriter
{
    public static void Write(Utf8JsonWriter json, GatewayChatOptions options)
    {
        json.WriteStartObject("generationConfig");
        json.WriteOptional("temperature", options.Temperature);
        json.WriteOptional("topP", options.TopP);
        json.WriteOptional("presencePenalty", options.PresencePenalty);
        json.WriteOptional("frequencyPenalty", options.FrequencyPenalty);
        json.WriteOptional("stopSequences", options.StopSequences);
        WriteLimits(json, options);
        WriteFormat(json, options.ResponseFormat);
        WriteLogprobs(json, options);
        WriteThinking(json, options);
        json.WriteEndObject();
        foreach (var field in Google(options).Where(field => field.Name != "thinking_config"))
        {
            json.WritePropertyName(Camel(field.Name));
            WriteCamel(json, field.Value);
        }
    }

    private static void WriteLimits(Utf8JsonWriter json, GatewayChatOptions options)
    {
        if (options.MaxOutputTokens is { } asked)
        {
            // Gemini refuses more than the model can give; as an upper bound its limit says the same.
            json.WriteNumber("maxOutputTokens", Math.Min(asked, options.Request.Target?.Pricing.Facts?.MaxOutputTokens ?? asked));
        }

        if (options.Seed is { } seed)
        {
            json.WriteNumber("seed", seed);
        }

        if (options.Extra("top_k") is { } topK)
        {
            json.WritePropertyName("topK");
            topK.WriteTo(json);
        }

        if (WireJson.Items(options.Extra("modalities")).Select(item => item.GetString()!.ToUpperInvariant()).ToList() is { Count: > 0 } modalities)
        {
            json.WriteOptional("responseModalities", modalities);
        }
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormat? format)
    {
        if (format is ChatResponseFormatJson)
        {
            json.WriteString("responseMimeType", MediaTypes.Json);
            if (AnswerSchema.Of(format) is { } schema)
            {
                json.WritePropertyName("responseJsonSchema");
                schema.WriteTo(json);
            }
        }
    }

    private static void WriteLogprobs(Utf8JsonWriter json, GatewayChatOptions options)
    {
        if (options.Extra("logprobs") is { ValueKind: JsonValueKind.True })
        {
            json.WriteBoolean("responseLogprobs", true);
            if (options.Extra("top_logprobs") is { } top)
            {
                json.WritePropertyName("logprobs");
                top.WriteTo(json);
            }
        }
    }

    // Google's own field wins; else the effort, as Google's OpenAI-compatible API reads it: a budget for the models of
    // version 2, a level for the later ones.
    private static void WriteThinking(Utf8JsonWriter json, GatewayChatOptions options)
    {
        if (Google(options).FirstOrDefault(field => field.Name == "thinking_config") is { Value.ValueKind: JsonValueKind.Object } own)
        {
            json.WritePropertyName("thinkingConfig");
            WriteCamel(json, own.Value);
            return;
        }

        if (options.Extra("reasoning_effort") is not { } effort)
        {
            return;
        }

        var word = effort.GetString()!;
        json.WriteStartObject("thinkingConfig");
        if (word == "none")
        {
            json.WriteNumber("thinkingBudget", 0);
        }
        else if (options.ModelId!.Contains("gemini-2", StringComparison.OrdinalIgnoreCase))
        {
            json.WriteNumber("thinkingBudget", word switch { "minimal" or "low" => 1024, "medium" => 8192, _ => 24576 });
        }
        else
        {
            json.WriteString("thinkingLevel", word);
        }

        json.WriteEndObject();
    }

    /// <summary>The members of <c>extra_body.google</c>, where Google's OpenAI-compatible API takes what OpenAI's does not have.</summary>
    public static IEnumerable<JsonProperty> Google(GatewayChatOptions options) =>
        WireJson.Member(options.Extra("extra_body"), "google") is { ValueKind: JsonValueKind.Object } google ? google.EnumerateObject() : [];

    // There names are in snake case; here in camel case.
    private static void WriteCamel(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(Camel(member.Name));
                    WriteCamel(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteCamel(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static string Camel(string name)
    {
        var words = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select((word, index) => index == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
