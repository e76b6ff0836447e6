using System.Buffers;
using System.Text.Json;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Writes answers of providers that speak another protocol in OpenAI's form.</summary>
internal static class ChatCompletionWriter
{
    /// <summary>A whole completion.</summary>
    public static void Write(IBufferWriter<byte> output, ChatResponse response, string model)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        WriteHead(json, "chat.completion", response.ResponseId, response.CreatedAt, model, response.AdditionalProperties);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        var contents = response.Messages.SelectMany(message => message.Contents).ToList();
        OpenAIContent.WriteParts(json, contents);
        json.WriteString("refusal", Refusal(contents));
        WriteReasoning(json, contents);
        OpenAIContent.WriteToolCalls(json, contents.OfType<FunctionCallContent>());
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", response.FinishReason?.Value);
        json.WriteEndObject();
        json.WriteEndArray();
        if (response.Usage is { } usage)
        {
            json.WritePropertyName("usage");
            WriteUsage(json, usage);
        }

        json.WriteEndObject();
    }

    /// <summary>One chunk of a stream; usage goes into a chunk of its own, see <see cref="WriteUsageChunk"/>.</summary>
    public static void WriteChunk(IBufferWriter<byte> output, ChatResponseUpdate update, string model, ToolCallPositions calls, bool includeUsage)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        WriteHead(json, "chat.completion.chunk", update.ResponseId, update.CreatedAt, model, update.AdditionalProperties);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        if (update.Role is { } role)
        {
            json.WriteString("role", role.Value);
        }

        if (update.Contents.Any(content => content is TextContent) || (update.Role is not null && update.FinishReason is null))
        {
            json.WriteString("content", update.Text);
        }

        if (Refusal(update.Contents) is { } refusal)
        {
            json.WriteString("refusal", refusal);
        }

        WriteReasoning(json, update.Contents);
        calls.Write(json, update.Contents);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", update.FinishReason?.Value);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage)
        {
            // OpenAI's specification: with include_usage every chunk has the field, null in all but the last.
            json.WriteNull("usage");
        }

        json.WriteEndObject();
    }

    /// <summary>The last chunk of a stream whose caller asked for usage.</summary>
    public static void WriteUsageChunk(IBufferWriter<byte> output, ChatResponseUpdate update, string model, UsageDetails usage)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        WriteHead(json, "chat.completion.chunk", update.ResponseId, update.CreatedAt, model, update.AdditionalProperties);
        json.WriteStartArray("choices");
        json.WriteEndArray();
        json.WritePropertyName("usage");
        WriteUsage(json, usage);
        json.WriteEndObject();
    }

    /// <summary>Tokens in OpenAI's form; counts the provider did not give are left out, or 0 where the form requires them.</summary>
    public static void WriteUsage(Utf8JsonWriter json, UsageDetails usage)
    {
        var input = usage.InputTokenCount ?? 0;
        var output = usage.OutputTokenCount ?? 0;
        json.WriteStartObject();
        json.WriteNumber("prompt_tokens", input);
        json.WriteNumber("completion_tokens", output);
        json.WriteNumber("total_tokens", usage.TotalTokenCount ?? input + output);
        if (usage.CachedInputTokenCount is { } cached)
        {
            json.WriteStartObject("prompt_tokens_details");
            json.WriteNumber("cached_tokens", cached);
            json.WriteEndObject();
        }

        if (usage.ReasoningTokenCount is { } reasoning)
        {
            json.WriteStartObject("completion_tokens_details");
            json.WriteNumber("reasoning_tokens", reasoning);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteHead(
        Utf8JsonWriter json, string type, string? id, DateTimeOffset? createdAt, string model, AdditionalPropertiesDictionary? properties)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", type);
        json.WriteNumber("created", createdAt?.ToUnixTimeSeconds() ?? 0);
        json.WriteString("model", model);
        if (properties?.GetValueOrDefault("system_fingerprint") is string fingerprint)
        {
            json.WriteString("system_fingerprint", fingerprint);
        }
    }

    private static void WriteReasoning(Utf8JsonWriter json, IList<AIContent> contents)
    {
        if (contents.Any(content => content is TextReasoningContent))
        {
            json.WriteString("reasoning_content", string.Concat(contents.OfType<TextReasoningContent>().Select(reasoning => reasoning.Text)));
        }
    }

    private static string? Refusal(IList<AIContent> contents) =>
        contents.OfType<ErrorContent>().FirstOrDefault(error => error.ErrorCode == OpenAIContent.RefusalCode)?.Message;
}
