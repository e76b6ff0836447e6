using System.Buffers;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Writes the typed request in OpenAI's form, for requests that did not arrive in it.</summary>
internal static class OpenAIRequestWriter
{
    /// <summary>The bytes to send.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Parameters; ModelId is the target's name for the model.</param>
    /// <param name="stream">Whether a stream is asked for.</param>
    /// <param name="askForUsage">Whether the stream is to end with its usage.</param>
    /// <param name="askForLogprobs">Whether the probabilities of the answer's tokens are asked for.</param>
    /// <param name="maxTokensField">OpenAI's own API wants <c>max_completion_tokens</c>; most compatible servers know only <c>max_tokens</c>.</param>
    public static ReadOnlyMemory<byte> Write(
        IEnumerable<ChatMessage> messages, GatewayChatOptions options, bool stream, bool askForUsage, bool askForLogprobs, string maxTokensField)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("model", options.ModelId);
            json.WriteStartArray("messages");
            foreach (var message in messages)
            {
                WriteMessage(json, message);
            }

            json.WriteEndArray();
            WriteOptions(json, options, askForLogprobs, maxTokensField);
            if (stream)
            {
                json.WriteBoolean("stream", true);
                if (askForUsage)
                {
                    json.WriteStartObject("stream_options");
                    json.WriteBoolean("include_usage", true);
                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message)
    {
        // Each result of a tool is a message of its own in this protocol.
        var results = message.Contents.OfType<FunctionResultContent>().ToList();
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("role", "tool");
            json.WriteString("tool_call_id", ToolCallIds.Plain(result.CallId));
            json.WriteString("content", OpenAIContent.ResultText(result));
            json.WriteEndObject();
        }

        if (results.Count > 0 && results.Count == message.Contents.Count)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        if (message.AuthorName is { } name)
        {
            json.WriteString("name", name);
        }

        OpenAIContent.WriteParts(json, message.Contents);
        OpenAIContent.WriteToolCalls(json, message.Contents.OfType<FunctionCallContent>(), ToolCallIds.Plain);
        json.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter json, GatewayChatOptions options, bool askForLogprobs, string maxTokensField)
    {
        WriteNumber(json, "temperature", options.Temperature);
        WriteNumber(json, "top_p", options.TopP);
        WriteNumber(json, "presence_penalty", options.PresencePenalty);
        WriteNumber(json, "frequency_penalty", options.FrequencyPenalty);
        if (options.MaxOutputTokens is { } maxTokens)
        {
            json.WriteNumber(maxTokensField, maxTokens);
        }

        if (askForLogprobs)
        {
            json.WriteBoolean("logprobs", true);
        }

        if (options.Seed is { } seed)
        {
            json.WriteNumber("seed", seed);
        }

        if (options.StopSequences is { Count: > 0 } stops)
        {
            json.WriteStartArray("stop");
            foreach (var stop in stops)
            {
                json.WriteStringValue(stop);
            }

            json.WriteEndArray();
        }

        OpenAIContent.WriteResponseFormat(json, options.ResponseFormat);
        OpenAIContent.WriteTools(json, options);
        foreach (var field in options.Fields?.EnumerateObject() ?? default)
        {
            if (!ChatCompletionFields.IsTyped(field) && field.Value.ValueKind != JsonValueKind.Null)
            {
                field.WriteTo(json);
            }
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, float? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
