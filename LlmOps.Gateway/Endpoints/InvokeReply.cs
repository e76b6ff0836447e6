using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What /invoke answers.</summary>
/// <param name="Success">True: a failure has the form of errors.</param>
/// <param name="RequestId">The request's own request_id.</param>
/// <param name="Data">The answer.</param>
/// <param name="Usage">Tokens in OpenAI's form; null when the provider did not count.</param>
/// <param name="Performance">How it came about.</param>
/// <param name="Model">The model that answered, as its provider names it.</param>
/// <param name="Cached">Whether the answer came from a cache.</param>
/// <param name="Timestamp">When it was answered, by UTC.</param>
/// <param name="Error">Null: a failure has the form of errors.</param>
internal sealed record InvokeReply(
    bool Success, string RequestId, InvokeData Data, ChatReplyUsage? Usage, InvokePerformance Performance, string Model, bool Cached, string Timestamp, string? Error)
{
    public static InvokeReply Of(ChatResponse response, GatewayRequest request, TimeSpan elapsed, DateTimeOffset now)
    {
        var isReused = request.Reused is not null;
        return new InvokeReply(
            Success: true,
            request.BodyRequestId!,
            new InvokeData(string.Concat(response.Messages.FirstOrDefault()?.Contents.Select(ChatReply.TextOf) ?? []), Confidence.Of(response)),
            response.Usage is { InputTokenCount: not null } counted ? ChatReplyUsage.Of(counted) : null,
            new InvokePerformance(
                Milliseconds(elapsed),
                isReused ? 0 : Milliseconds(request.Attempt!.Duration),
                isReused,
                request.Retries,
                request.AllAttempts.Any(attempt => attempt.Outcome == ErrorCode.RateLimitExceeded.Code)),
            request.ProviderModel!,
            isReused,
            Json.Timestamp(now),
            Error: null);
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}

/// <summary>The answer.</summary>
/// <param name="Response">Its text.</param>
/// <param name="Confidence">The mean probability of its tokens, 0 to 1; null where the provider does not tell.</param>
internal sealed record InvokeData(string Response, double? Confidence);

/// <summary>How an answer came about.</summary>
/// <param name="RequestLatencyMs">From the request's arrival to its answer.</param>
/// <param name="LlmLatencyMs">The provider's part: how long the call took that answered; 0 for an answer from a cache.</param>
/// <param name="CacheHit">Whether it came from a cache.</param>
/// <param name="RetryCount">Calls to providers that were made because another had failed or was late.</param>
/// <param name="RateLimited">Whether a provider limited at least one of them.</param>
internal sealed record InvokePerformance(double RequestLatencyMs, double LlmLatencyMs, bool CacheHit, int RetryCount, bool RateLimited);
