using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>The texts of a request's messages: read, or put in other words.</summary>
internal static class RequestTexts
{
    /// <summary>The text of a content: what a message says or thinks, a tool's result, a call's arguments; empty where it has none.</summary>
    public static string Of(AIContent content) => content switch
    {
        TextContent said => said.Text,
        FunctionResultContent result => OpenAIContent.ResultText(result),
        FunctionCallContent call => OpenAIContent.ArgumentsText(call),
        TextReasoningContent reasoning => reasoning.Text,
        ErrorContent { ErrorCode: OpenAIContent.RefusalCode } refusal => refusal.Message,
        _ => "",
    };

    /// <summary>A request with other texts. Where it is OpenAI's, its own bytes are rewritten, so that fields nobody here knows stay.</summary>
    /// <param name="messages">Its messages.</param>
    /// <param name="options">Its options; what the caller asked is from now on what is asked here.</param>
    /// <param name="rewrite">The text in place of another.</param>
    public static (IEnumerable<ChatMessage> Messages, GatewayChatOptions Options) Rewrite(IEnumerable<ChatMessage> messages, GatewayChatOptions options, Func<string, string> rewrite)
    {
        if (options.Original is not { } original)
        {
            return ([.. messages.Select(message => Rewrite(message, rewrite))], options);
        }

        var root = JsonNode.Parse(original.Body.Bytes.Span)!;
        foreach (var message in root["messages"]!.AsArray().OfType<JsonObject>())
        {
            Rewrite(message, rewrite);
        }

        var body = JsonBody.Parse(JsonTexts.ToUtf8(root));
        var changed = (GatewayChatOptions)options.Clone();
        changed.Original = original with { Body = body };
        changed.Request.Asked = changed.Original;
        return (ChatMessageParser.Parse(body, body.Root.GetProperty("messages"u8)), changed);
    }

    private static ChatMessage Rewrite(ChatMessage message, Func<string, string> rewrite)
    {
        var changed = message.Clone();
        changed.Contents = [.. message.Contents.Select(content => content switch
        {
            TextContent text => new TextContent(rewrite(text.Text)),
            FunctionResultContent result => new FunctionResultContent(result.CallId, rewrite(OpenAIContent.ResultText(result))),
            FunctionCallContent call => OpenAIContent.ReadToolCall(call.CallId, call.Name, rewrite(OpenAIContent.ArgumentsText(call))),
            _ => content,
        })];
        return changed;
    }

    /// <summary>Puts other texts in a message of OpenAI's form.</summary>
    public static void Rewrite(JsonObject message, Func<string, string> rewrite)
    {
        JsonTexts.Rewrite(message, "content", rewrite);
        foreach (var part in (message["content"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            JsonTexts.Rewrite(part, "text", rewrite);
        }

        foreach (var function in JsonTexts.Functions(message))
        {
            JsonTexts.Rewrite(function, "arguments", rewrite);
        }
    }
}
