using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>Gives a kept answer to a request, which is told whose it is. What cannot be read any more throws whatever comes up.</summary>
internal static class AnswerReader
{
    /// <summary>The answer as a whole.</summary>
    public static ChatResponse Read(GatewayRequest request, CachedAnswer answer, string status)
    {
        var response = CompletionReader.Read(answer.Json);
        Tell(request, answer, status, response.Usage, response.ModelId, response.FinishReason);
        return response;
    }

    /// <summary>The answer as a stream.</summary>
    public static IReadOnlyList<ChatResponseUpdate> Replay(GatewayChatOptions options, CachedAnswer answer, string status, TimeProvider time)
    {
        var updates = CompletionReader.Replay(answer.Json, withholdUsage: options.Original is not { IncludeUsage: true });
        Tell(
            options.Request, answer, status, updates.SelectMany(update => update.Contents).OfType<UsageContent>().LastOrDefault()?.Details,
            updates[0].ModelId, updates.LastOrDefault(update => update.FinishReason is not null)?.FinishReason);
        options.Request.TimeToFirstChunk = time.GetElapsedTime(options.Request.StartedAt);
        return updates;
    }

    private static void Tell(GatewayRequest request, CachedAnswer answer, string status, UsageDetails? usage, string? responseModel, ChatFinishReason? finishReason)
    {
        request.CacheStatus = status;
        request.Reused = new ReusedAnswer(answer.Provider, answer.ProviderModel, answer.Cost, usage) { ResponseModel = responseModel, FinishReason = finishReason };
    }
}
