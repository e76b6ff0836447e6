using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Checks the texts of answers in their typed form.</summary>
internal static class TypedAnswer
{
    private const string Text = "content";
    private const string Reasoning = "reasoning";
    private const string Refusal = "refusal";

    /// <summary>An answer with its texts as they may go out.</summary>
    public static IList<AIContent> Check(IList<AIContent> contents, AnswerTexts texts) => [.. contents.Select(content => Read(content) is { } part ? With(content, texts.Whole(part.Text)) : content)];

    /// <summary>An update with the texts that may go out by now.</summary>
    public static ChatResponseUpdate CheckUpdate(ChatResponseUpdate update, AnswerTexts texts)
    {
        List<AIContent> contents = [];
        foreach (var content in update.Contents)
        {
            contents.Add(Read(content) is { } part ? With(content, content is FunctionCallContent ? texts.Whole(part.Text) : texts.Push(0, part.Field, part.Call, part.Text)) : content);
        }

        if (update.FinishReason is not null)
        {
            // Before the calls as a whole, which follow their pieces.
            contents.InsertRange(contents.TakeWhile(content => content is not (FunctionCallContent or UsageContent)).Count(), Rests(texts));
        }

        var passed = update.Clone();
        (passed.Contents, passed.RawRepresentation) = (contents, null);
        return passed;
    }

    /// <summary>Lets the texts of an update be seen, which goes out as it is.</summary>
    public static void Watch(ChatResponseUpdate update, AnswerTexts texts)
    {
        foreach (var content in update.Contents)
        {
            if (content is not FunctionCallContent && Read(content) is { } part)
            {
                texts.Push(0, part.Field, part.Call, part.Text);
            }
        }
    }

    /// <summary>What was held back of all texts.</summary>
    public static List<AIContent> Rests(AnswerTexts texts) => [.. texts.End().Select(rest => rest.Field switch
    {
        Text => new TextContent(rest.Held),
        Reasoning => new TextReasoningContent(rest.Held),
        Refusal => new ErrorContent(rest.Held) { ErrorCode = OpenAIContent.RefusalCode },
        _ => (AIContent)new ToolCallDelta { Index = rest.Call, Arguments = rest.Held },
    })];

    private static (string Field, int Call, string Text)? Read(AIContent content) => content switch
    {
        TextContent text => (Text, 0, text.Text),
        TextReasoningContent reasoning => (Reasoning, 0, reasoning.Text),
        ErrorContent { ErrorCode: OpenAIContent.RefusalCode } refusal => (Refusal, 0, refusal.Message),
        ToolCallDelta delta => (AnswerTexts.Arguments, delta.Index, delta.Arguments),
        FunctionCallContent call => (AnswerTexts.Arguments, 0, OpenAIContent.ArgumentsText(call)),
        _ => null,
    };

    private static AIContent With(AIContent content, string other) => content switch
    {
        TextContent text => new TextContent(other) { AdditionalProperties = text.AdditionalProperties, Annotations = text.Annotations },
        TextReasoningContent reasoning => new TextReasoningContent(other) { AdditionalProperties = reasoning.AdditionalProperties, ProtectedData = reasoning.ProtectedData },
        ToolCallDelta delta => new ToolCallDelta { Index = delta.Index, CallId = delta.CallId, Name = delta.Name, Arguments = other, AdditionalProperties = delta.AdditionalProperties },
        FunctionCallContent call => OpenAIContent.ReadToolCall(call.CallId, call.Name, other),
        _ => new ErrorContent(other) { ErrorCode = OpenAIContent.RefusalCode },
    };
}
