using System.Text.Json.Serialization;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What /chat answers.</summary>
/// <param name="Response">The answer's text.</param>
/// <param name="ToolCalls">The functions that the model wants called, as the prompt has given it tools; not there for none.</param>
/// <param name="Model">The model that answered, as its provider names it.</param>
/// <param name="Provider">The provider that answered.</param>
/// <param name="Latency">Seconds from the request's arrival to its answer.</param>
/// <param name="ProcessingTimeMs">The same in milliseconds.</param>
/// <param name="TokensUsed">Input and output tokens together; null when the provider did not count.</param>
/// <param name="Usage">Tokens in OpenAI's form; null when the provider did not count.</param>
/// <param name="CostUsd">US dollars; null where the model's price, or the number of tokens, is not known: then it is unpriced, not free.</param>
/// <param name="CostEstimated">Whether a part of it is estimated, as that of a call that was cancelled since another target was quicker.</param>
/// <param name="FinishReason">Why the model stopped: stop, length, content_filter or a provider's own word.</param>
/// <param name="CacheHit">Whether the answer came from a cache.</param>
/// <param name="Cache">The value of X-LlmOps-Cache.</param>
/// <param name="RequestId">The value of X-Request-ID.</param>
/// <param name="Prompt">The prompt that it was made from; not there for none.</param>
/// <param name="PromptVersion">Its version.</param>
/// <param name="Experiment">The experiment that the request took part in; not there for none.</param>
/// <param name="Variant">The variant of that experiment that it saw.</param>
internal sealed record ChatReply(
    string Response,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ChatReplyToolCall>? ToolCalls,
    string Model, string Provider, double Latency, double ProcessingTimeMs, long? TokensUsed,
    ChatReplyUsage? Usage, decimal? CostUsd, bool CostEstimated, string? FinishReason, bool CacheHit, string Cache, string RequestId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Prompt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PromptVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Experiment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Variant)
{
    public static ChatReply Of(ChatResponse response, GatewayRequest request, TimeSpan elapsed)
    {
        var milliseconds = Math.Round(elapsed.TotalMilliseconds, 3);
        var usage = response.Usage is { InputTokenCount: not null } counted ? ChatReplyUsage.Of(counted) : null;
        var contents = response.Messages.FirstOrDefault()?.Contents ?? [];
        return new ChatReply(
            string.Concat(contents.Select(TextOf)),
            CallsOf(contents),
            request.ProviderModel!,
            request.Provider!,
            Math.Round(milliseconds / 1000, 6),
            milliseconds,
            usage?.TotalTokens,
            usage,
            request.Cost?.Dollars,
            request.CostIsEstimated,
            response.FinishReason?.Value,
            request.Reused is not null,
            request.CacheStatus,
            request.RequestId,
            request.Prompt?.Name,
            request.Prompt?.Version,
            request.Prompt?.Exposure?.Experiment,
            request.Prompt?.Exposure?.Variant);
    }

    private static List<ChatReplyToolCall>? CallsOf(IList<AIContent> contents)
    {
        // Nearly all answers have none, and are not to pay for a list.
        List<ChatReplyToolCall>? calls = null;
        foreach (var content in contents)
        {
            if (content is FunctionCallContent call)
            {
                (calls ??= []).Add(ChatReplyToolCall.Of(call));
            }
        }

        return calls;
    }

    /// <summary>What a reader sees of a content: text, or the words of a refusal.</summary>
    public static string TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        ErrorContent { ErrorCode: OpenAIContent.RefusalCode } refusal => refusal.Message,
        _ => "",
    };
}

/// <summary>A call of a function, in OpenAI's form.</summary>
/// <param name="Id">By which its result is given back.</param>
/// <param name="Type">function.</param>
/// <param name="Function">Which, and what with.</param>
internal sealed record ChatReplyToolCall(string Id, string Type, ChatReplyFunction Function)
{
    public static ChatReplyToolCall Of(FunctionCallContent call) => new(call.CallId, "function", new ChatReplyFunction(call.Name, OpenAIContent.ArgumentsText(call)));
}

/// <summary>A function that is called.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Its arguments, JSON as the model wrote it.</param>
internal sealed record ChatReplyFunction(string Name, string Arguments);

/// <summary>Tokens in OpenAI's form.</summary>
internal sealed record ChatReplyUsage(long PromptTokens, long CompletionTokens, long TotalTokens)
{
    public static ChatReplyUsage Of(UsageDetails usage)
    {
        var (input, output) = (usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0);
        return new ChatReplyUsage(input, output, usage.TotalTokenCount ?? input + output);
    }
}
