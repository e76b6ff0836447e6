using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>Puts a whole answer together from what a stream reader made of it, so that streamed and unstreamed answers are one and the same.</summary>
internal static class ProviderAnswer
{
    /// <summary>An id for an answer whose provider gives none.</summary>
    public static string NewId() => "chatcmpl-" + Guid.NewGuid().ToString("N");

    /// <summary>The answer of these updates; the last finish reason, usage and properties are its own.</summary>
    public static ChatResponse Of(params IEnumerable<ChatResponseUpdate?> updates)
    {
        var message = new ChatMessage(ChatRole.Assistant, []);
        var response = new ChatResponse(message);
        foreach (var update in updates.OfType<ChatResponseUpdate>())
        {
            response.ResponseId ??= update.ResponseId;
            message.MessageId ??= update.MessageId;
            response.ModelId ??= update.ModelId;
            response.CreatedAt ??= update.CreatedAt;
            response.FinishReason = update.FinishReason ?? response.FinishReason;
            response.AdditionalProperties = update.AdditionalProperties ?? response.AdditionalProperties;
            foreach (var content in update.Contents)
            {
                if (content is UsageContent usage)
                {
                    response.Usage = usage.Details;
                }
                else if (content is not ToolCallDelta)
                {
                    message.Contents.Add(content);
                }
            }
        }

        return response;
    }
}
