using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Writes the typed request as a GenerateContentRequest.</summary>
internal static class GeminiRequestWriter
{
    // What Google documents for calls that no Gemini model made, or whose signature the caller's client lost.
    private const string NoSignature = "skip_thought_signature_validator";

    /// <summary>The bytes to send.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<ChatMessage> messages, GatewayChatOptions options)
    {
        var conversation = messages.ToList();
        return ProviderRequest.Object(json =>
        {
            WriteSystem(json, conversation);
            WriteContents(json, conversation, options);
            GeminiConfigWriter.Write(json, options);
            GeminiToolWriter.Write(json, options);
        });
    }

    private static void WriteSystem(Utf8JsonWriter json, List<ChatMessage> conversation)
    {
        var texts = conversation.Where(ProviderRequest.IsInstruction).SelectMany(message => message.Contents.OfType<TextContent>()).ToList();
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartObject("systemInstruction");
        json.WriteStartArray("parts");
        texts.ForEach(text => WriteText(json, text.Text));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteContents(Utf8JsonWriter json, List<ChatMessage> conversation, ChatOptions options)
    {
        var signed = NeedsSignatures(options.ModelId!);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        json.WriteStartArray("contents");
        for (var index = 0; index < conversation.Count; index++)
        {
            var message = conversation[index];
            if (message.IsInstruction() || (message.Role == ChatRole.Assistant && !SaysAnything(message)))
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteString("role", message.Role == ChatRole.Assistant ? "model" : "user");
            json.WriteStartArray("parts");
            if (message.Role == ChatRole.Assistant)
            {
                WriteModelParts(json, message, signed);
                foreach (var call in message.Contents.OfType<FunctionCallContent>())
                {
                    names[call.CallId] = call.Name;
                }
            }
            else if (message.Role == ChatRole.Tool)
            {
                // All results of a turn stand in one content.
                WriteResults(json, message, names);
                while (index + 1 < conversation.Count && conversation[index + 1].Role == ChatRole.Tool)
                {
                    WriteResults(json, conversation[++index], names);
                }
            }
            else
            {
                WriteParts(json, message.Contents);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // A content without parts is refused.
    private static bool SaysAnything(ChatMessage message) => TextSignature(message) is not null || message.Contents.Any(content => content switch
    {
        TextContent text => text.Text.Length > 0,
        TextReasoningContent thought => thought.Text.Length > 0,
        _ => content is FunctionCallContent or ErrorContent { ErrorCode: OpenAIContent.RefusalCode } or DataContent or UriContent,
    });

    // From version 3 on, a call in the history without its signature is refused.
    private static bool NeedsSignatures(string model) =>
        !model.Contains("gemini-2", StringComparison.OrdinalIgnoreCase) && !model.Contains("gemini-1", StringComparison.OrdinalIgnoreCase);

    private static void WriteModelParts(Utf8JsonWriter json, ChatMessage message, bool signed)
    {
        foreach (var thought in message.Contents.OfType<TextReasoningContent>().Where(thought => thought.Text.Length > 0))
        {
            json.WriteStartObject();
            json.WriteString("text", thought.Text);
            json.WriteBoolean("thought", true);
            json.WriteEndObject();
        }

        WriteParts(json, message.Contents.Where(content => content is not (TextReasoningContent or TextContent { Text: "" })));
        if (TextSignature(message) is { } textSignature)
        {
            WriteText(json, "", textSignature);
        }

        // Of parallel calls the first carries the signature.
        var first = true;
        foreach (var call in message.Contents.OfType<FunctionCallContent>())
        {
            WriteCall(json, call, signed && first);
            first = false;
        }
    }

    private static void WriteParts(Utf8JsonWriter json, IEnumerable<AIContent> contents)
    {
        foreach (var content in contents)
        {
            switch (content)
            {
                case TextContent text:
                    WriteText(json, text.Text);
                    break;
                case ErrorContent { ErrorCode: OpenAIContent.RefusalCode } refusal:
                    WriteText(json, refusal.Message);
                    break;
                case DataContent data:
                    json.WriteStartObject();
                    json.WriteStartObject("inlineData");
                    json.WriteString("mimeType", data.MediaType);
                    json.WriteString("data", data.Base64Data.Span);
                    json.WriteEndObject();
                    json.WriteEndObject();
                    break;
                case UriContent uri:
                    WriteFile(json, uri.Uri);
                    break;
            }
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text, string? signature = null)
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        if (signature is not null)
        {
            json.WriteString("thoughtSignature", signature);
        }

        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, Uri uri)
    {
        json.WriteStartObject();
        json.WriteStartObject("fileData");
        if (ImageTypes.Of(uri) is { } type)
        {
            json.WriteString("mimeType", type);
        }

        json.WriteString("fileUri", uri.OriginalString);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, FunctionCallContent call, bool needsSignature)
    {
        var signature = call.AdditionalProperties?.GetValueOrDefault(MessageProperties.ThoughtSignature) as string
            ?? ToolCallIds.Signature(call.CallId)
            ?? (needsSignature ? NoSignature : null);
        json.WriteStartObject();
        json.WriteStartObject("functionCall");
        json.WriteString("id", ToolCallIds.Plain(call.CallId));
        json.WriteString("name", call.Name);
        json.WritePropertyName("args");
        json.WriteRawValue(OpenAIContent.ArgumentsObject(call));
        json.WriteEndObject();
        if (signature is not null)
        {
            json.WriteString("thoughtSignature", signature);
        }

        json.WriteEndObject();
    }

    private static void WriteResults(Utf8JsonWriter json, ChatMessage message, Dictionary<string, string> names)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
        {
            json.WriteStartObject();
            json.WriteStartObject("functionResponse");
            json.WriteString("id", ToolCallIds.Plain(result.CallId));
            json.WriteString("name", names.GetValueOrDefault(result.CallId, result.CallId));
            json.WritePropertyName("response");
            var text = OpenAIContent.ResultText(result);
            if (IsObject(text))
            {
                json.WriteRawValue(text);
            }
            else
            {
                json.WriteStartObject();
                json.WriteString("output", text);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static string? TextSignature(ChatMessage message) =>
        message.Contents.OfType<MessageExtension>().Where(extension => extension.Field == MessageExtension.ExtraContent)
            .Select(extension => WireJson.Text(WireJson.Member(extension.Value, "google"), MessageProperties.ThoughtSignature)).FirstOrDefault();

    private static bool IsObject(string text)
    {
        try
        {
            return text.AsSpan().TrimStart() is ['{', ..] && JsonElement.Parse(text).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
