using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>Writes <c>system</c> and <c>messages</c>.</summary>
internal static class AnthropicMessageWriter
{
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public static void Write(Utf8JsonWriter json, List<ChatMessage> conversation)
    {
        var system = conversation.Where(ProviderRequest.IsInstruction).SelectMany(message => message.Contents).OfType<TextContent>().Where(text => text.Text.Length > 0).ToList();
        if (system.Count > 0)
        {
            json.WriteStartArray("system");
            system.ForEach(text => WriteText(json, text));
            json.WriteEndArray();
        }

        json.WriteStartArray("messages");
        var rest = conversation.Where(message => !message.IsInstruction()).ToList();
        for (var index = 0; index < rest.Count;)
        {
            // Neighbours of the same side are one message: results of parallel calls must be, with what the user says next behind them.
            var assistant = rest[index].Role == ChatRole.Assistant;
            var turn = rest.Skip(index).TakeWhile(message => message.Role == ChatRole.Assistant == assistant).ToList();
            index += turn.Count;

            // Thinking blocks begin an answer, calls end it; tool results begin a user's turn. Else the order is the caller's.
            var contents = assistant
                ? turn.SelectMany(message => message.Contents.OrderBy(content => content is MessageExtension ? 0 : content is FunctionCallContent ? 2 : 1))
                : turn.SelectMany(message => message.Contents).OrderBy(content => content is FunctionResultContent ? 0 : 1);
            WriteTurn(json, assistant, contents.ToList());
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a caller's cache_control, unchanged, unless there is none.</summary>
    public static void WriteCacheControl(Utf8JsonWriter json, JsonElement? cacheControl)
    {
        if (cacheControl is { } value)
        {
            json.WritePropertyName(MessageProperties.CacheControl);
            value.WriteTo(json);
        }
    }

    private static void WriteTurn(Utf8JsonWriter json, bool assistant, List<AIContent> contents)
    {
        // An answer of nothing but calls often comes back with an empty text, which is refused here, as is one of white space.
        // Other providers' reasoning and fields have no block.
        contents.RemoveAll(content => assistant && (content is TextReasoningContent or MessageExtension { Field: not MessageExtension.ThinkingBlocks }
            || (content is TextContent text && string.IsNullOrWhiteSpace(text.Text))));
        if (assistant && contents.Count == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", assistant ? "assistant" : "user");
        json.WriteStartArray("content");
        foreach (var content in contents)
        {
            WriteBlock(json, content);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter json, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                WriteText(json, text);
                break;
            case ErrorContent { ErrorCode: OpenAIContent.RefusalCode } refusal:
                WriteText(json, new TextContent(refusal.Message));
                break;
            case MessageExtension { Field: MessageExtension.ThinkingBlocks } thinking:
                foreach (var block in thinking.Value.EnumerateArray())
                {
                    block.WriteTo(json);
                }

                break;
            case FunctionCallContent call:
                json.WriteStartObject();
                json.WriteString("type", "tool_use");
                json.WriteString("id", Id(call.CallId));
                json.WriteString("name", call.Name);
                json.WritePropertyName("input");
                json.WriteRawValue(OpenAIContent.ArgumentsObject(call));
                json.WriteEndObject();
                break;
            case FunctionResultContent result:
                json.WriteStartObject();
                json.WriteString("type", "tool_result");
                json.WriteString("tool_use_id", Id(result.CallId));
                json.WriteString("content", OpenAIContent.ResultText(result));
                WriteCacheControl(json, CacheControl(result));
                json.WriteEndObject();
                break;
            case DataContent or UriContent:
                WriteSource(json, content);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, TextContent text)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text.Text);
        WriteCacheControl(json, CacheControl(text));
        json.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter json, AIContent content)
    {
        var data = content as DataContent;
        json.WriteStartObject();
        json.WriteString("type", data?.HasTopLevelMediaType("image") == false ? "document" : "image");
        json.WriteStartObject("source");
        if (data is null)
        {
            json.WriteString("type", "url");
            json.WriteString("url", ((UriContent)content).Uri.OriginalString);
        }
        else if (data.MediaType.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase))
        {
            json.WriteString("type", "text");
            json.WriteString("media_type", "text/plain");
            json.WriteString("data", Encoding.UTF8.GetString(data.Data.Span));
        }
        else
        {
            json.WriteString("type", "base64");
            json.WriteString("media_type", data.MediaType);
            json.WriteString("data", data.Base64Data.Span);
        }

        json.WriteEndObject();
        if (data is { Name: { } title } && !data.HasTopLevelMediaType("image"))
        {
            json.WriteString("title", title);
        }

        WriteCacheControl(json, CacheControl(content));
        json.WriteEndObject();
    }

    private static JsonElement? CacheControl(AIContent content) => content.AdditionalProperties?.GetValueOrDefault(MessageProperties.CacheControl) as JsonElement?;

    // Calls that another provider's model made may have ids with other characters.
    private static string Id(string id)
    {
        var plain = ToolCallIds.Plain(id);
        if (plain.Length > 0 && !plain.AsSpan().ContainsAnyExcept(IdCharacters))
        {
            return plain;
        }

        // With a part of its hash, so that two that differ in such characters only stay two.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plain)))[..8];
        return string.Concat(plain.Select(character => IdCharacters.Contains(character) ? character : '_')) + "_" + hash;
    }
}
