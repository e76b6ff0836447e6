using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads a whole completion.</summary>
internal static class OpenAIResponseReader
{
    /// <summary>The typed form of a completion, with the provider's bytes beside it.</summary>
    /// <exception cref="ProviderException">It is not a completion.</exception>
    public static ChatResponse Read(OpenAIErrors errors, ReadOnlyMemory<byte> json)
    {
        var answer = OpenAIAnswer.Read(errors, json, ofStream: false);
        if (answer.Choices is not { Count: > 0 } choices)
        {
            throw errors.Malformed("an answer without choices");
        }

        var response = new ChatResponse
        {
            ResponseId = answer.Id,
            ModelId = answer.Model,
            CreatedAt = answer.CreatedAt,
            Usage = answer.Usage,
            AdditionalProperties = answer.Properties(),
            RawRepresentation = answer.Payload(),
        };
        foreach (var choice in choices)
        {
            if (!choice.HasMessage)
            {
                throw errors.Malformed("a choice without a message");
            }

            choice.ThrowIfFailed(errors);

            // The first choice speaks for the answer; the others are whole in the provider's bytes.
            response.FinishReason ??= choice.FinishReason;
        }

        response.Messages = new DeferredList<ChatMessage>(() => Messages(choices, answer.Id));
        return response;
    }

    private static List<ChatMessage> Messages(List<OpenAIChoice> choices, string? id)
    {
        var messages = new List<ChatMessage>(choices.Count);
        foreach (var choice in choices)
        {
            messages.Add(new ChatMessage(ChatRole.Assistant, Contents(choice)) { MessageId = id });
        }

        return messages;
    }

    private static List<AIContent> Contents(OpenAIChoice choice)
    {
        var contents = new List<AIContent>(1);
        choice.AddText(contents);
        if (choice.ToolCalls is { } calls)
        {
            foreach (var call in calls)
            {
                contents.Add(OpenAIContent.ReadToolCall(call.Id, call.Name ?? "", call.Arguments));
            }
        }

        if (choice.FunctionCall is { } legacy)
        {
            contents.Add(OpenAIContent.ReadToolCall(null, legacy.Name ?? "", legacy.Arguments));
        }

        return contents;
    }
}
