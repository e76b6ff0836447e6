using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
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
        WriteText(json, contents);
        json.WriteString("refusal", Refusal(contents));
        WriteBeyondText(json, contents);
        OpenAIContent.WriteToolCalls(json, contents.OfType<FunctionCallContent>(), id => id);
        json.WriteEndObject();
        WriteEnd(json, contents, response.FinishReason, response.AdditionalProperties);
        json.WriteEndArray();
        if (response.Usage is { InputTokenCount: not null } usage)
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

        WriteBeyondText(json, update.Contents);
        calls.Write(json, update.Contents);
        json.WriteEndObject();
        WriteEnd(json, update.Contents, update.FinishReason, update.AdditionalProperties);
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
        WriteDetails(json, "prompt_tokens_details",
            ("cached_tokens", usage.CachedInputTokenCount), ("cache_write_tokens", usage.Get(UsageCounts.CacheWriteTokens)), ("audio_tokens", usage.Get(UsageCounts.AudioInputTokens)));
        WriteDetails(json, "completion_tokens_details", ("reasoning_tokens", usage.ReasoningTokenCount));
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, string name, params ReadOnlySpan<(string Name, long? Count)> counts)
    {
        var open = false;
        foreach (var (countName, count) in counts)
        {
            if (count is { } value)
            {
                if (!open)
                {
                    json.WriteStartObject(name);
                    open = true;
                }

                json.WriteNumber(countName, value);
            }
        }

        if (open)
        {
            json.WriteEndObject();
        }
    }

    private static void WriteHead(
        Utf8JsonWriter json, string type, string? id, DateTimeOffset? createdAt, string model, AdditionalPropertiesDictionary? properties)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", type);
        json.WriteNumber("created", createdAt?.ToUnixTimeSeconds() ?? 0);
        json.WriteString("model", model);
        WriteProperty(json, MessageProperties.SystemFingerprint, properties);
        WriteProperty(json, MessageProperties.ServiceTier, properties);
    }

    // The answer's text; null where there is none beside tool calls or images, as OpenAI has it.
    private static void WriteText(Utf8JsonWriter json, List<AIContent> contents)
    {
        if (contents.Exists(content => content is TextContent))
        {
            json.WriteString("content", string.Concat(contents.OfType<TextContent>().Select(text => text.Text)));
        }
        else
        {
            json.WriteNull("content");
        }
    }

    // What goes beside the text: reasoning, citations, images and what is the provider's own.
    private static void WriteBeyondText(Utf8JsonWriter json, IList<AIContent> contents)
    {
        if (contents.Any(content => content is TextReasoningContent { Text.Length: > 0 }))
        {
            json.WriteString("reasoning_content", string.Concat(contents.OfType<TextReasoningContent>().Select(reasoning => reasoning.Text)));
        }

        var citations = contents.SelectMany(content => content.Annotations ?? []).OfType<CitationAnnotation>().ToList();
        if (citations.Count > 0)
        {
            json.WriteStartArray("annotations");
            citations.ForEach(citation => WriteCitation(json, citation));
            json.WriteEndArray();
        }

        if (contents.Any(content => content is DataContent))
        {
            json.WritePropertyName("images");
            OpenAIContent.WriteImages(json, contents.OfType<DataContent>());
        }

        foreach (var extension in contents.OfType<MessageExtension>())
        {
            json.WritePropertyName(extension.Field);
            extension.Value.WriteTo(json);
        }
    }

    private static void WriteCitation(Utf8JsonWriter json, CitationAnnotation citation)
    {
        var region = citation.AnnotatedRegions?.OfType<TextSpanAnnotatedRegion>().FirstOrDefault();
        json.WriteStartObject();
        json.WriteString("type", "url_citation");
        json.WriteStartObject("url_citation");
        json.WriteNumber("start_index", region?.StartIndex ?? 0);
        json.WriteNumber("end_index", region?.EndIndex ?? 0);
        json.WriteString("title", citation.Title ?? "");
        json.WriteString("url", citation.Url?.OriginalString ?? "");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEnd(Utf8JsonWriter json, IList<AIContent> contents, ChatFinishReason? reason, AdditionalPropertiesDictionary? properties)
    {
        var tokens = contents.OfType<LogprobsContent>().SelectMany(logprobs => logprobs.Tokens).ToList();
        if (tokens.Count == 0)
        {
            json.WriteNull("logprobs");
        }
        else
        {
            json.WriteStartObject("logprobs");
            json.WriteStartArray("content");
            tokens.ForEach(token => WriteLogprob(json, token, withTop: true));
            json.WriteEndArray();
            json.WriteNull("refusal");
            json.WriteEndObject();
        }

        json.WriteString("finish_reason", FinishReason(reason));
        WriteProperty(json, MessageProperties.NativeFinishReason, properties);
        json.WriteEndObject();
    }

    private static void WriteLogprob(Utf8JsonWriter json, TokenLogprob token, bool withTop)
    {
        json.WriteStartObject();
        json.WriteString("token", token.Token);
        json.WriteNumber("logprob", token.Logprob);
        json.WriteStartArray("bytes");
        foreach (var octet in Encoding.UTF8.GetBytes(token.Token))
        {
            json.WriteNumberValue(octet);
        }

        json.WriteEndArray();
        if (withTop)
        {
            json.WriteStartArray("top_logprobs");
            foreach (var other in token.Top)
            {
                WriteLogprob(json, other, withTop: false);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Official clients know OpenAI's reasons only, and some fail at others. An answer that a provider ended for a reason of
    // its own is not what the model would have said: of OpenAI's words content_filter says that; native_finish_reason says why.
    private static string? FinishReason(ChatFinishReason? reason) => reason?.Value switch
    {
        null => null,
        "stop" or "length" or "tool_calls" => reason.Value.Value,
        _ => "content_filter",
    };

    private static void WriteProperty(Utf8JsonWriter json, string name, AdditionalPropertiesDictionary? properties)
    {
        if (properties?.GetValueOrDefault(name) is string value)
        {
            json.WriteString(name, value);
        }
    }

    private static string? Refusal(IList<AIContent> contents) =>
        contents.OfType<ErrorContent>().FirstOrDefault(error => error.ErrorCode == OpenAIContent.RefusalCode)?.Message;
}
