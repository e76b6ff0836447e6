using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Prompts.Feedback;

/// <summary>Takes what callers say of answers.</summary>
internal sealed class AnswerFeedback(IDatabase database, Sinks sinks, TimeProvider time)
{
    // A request is in the ledger soon after its answer, not before: a replica's journal is drained within a fraction of a second.
    private const int Looks = 6;
    private const int MostNames = 20;
    private static readonly TimeSpan FirstRest = TimeSpan.FromMilliseconds(50);

    /// <summary>Keeps a score of the newest request of an id.</summary>
    /// <param name="principal">Whose the request must be.</param>
    /// <param name="requestId">Its X-Request-ID.</param>
    /// <param name="name">What is scored.</param>
    /// <param name="score">A finite number.</param>
    /// <param name="comment">In words; null for nothing.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The request.</returns>
    /// <exception cref="GatewayException">404: there is no such request of this principal.</exception>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<ScoredRequest> TakeAsync(Principal principal, string requestId, string name, double score, string? comment, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            if (await database.ReadAsync(connection => FeedbackTable.FindAsync(connection, principal, requestId), cancellationToken) is { } request)
            {
                var at = time.GetUtcNow();
                await database.WriteAsync(
                    async connection =>
                    {
                        if (await FeedbackTable.CountOthersAsync(connection, request.Id, name) >= MostNames)
                        {
                            throw new GatewayException(ErrorCode.InvalidValue, $"The request has scores under {MostNames} other names; expected no more.", "name");
                        }

                        await FeedbackTable.SetAsync(connection, request.Id, name, score, comment, at);
                        return request;
                    },
                    cancellationToken: cancellationToken);
                sinks.Publish(new ScoreGiven
                {
                    Id = Guid.CreateVersion7(at),
                    RequestId = Guid.Parse(request.Id),
                    At = at,
                    Name = name,
                    Value = score,
                    Comment = comment,
                    Source = ScoreGiven.Feedback,
                    Prompt = request.Prompt,
                    PromptVersion = request.PromptVersion,
                });
                return request;
            }

            if (look == Looks)
            {
                throw new GatewayException(ErrorCode.NotFound, $"There is no request '{Shown.Short(requestId)}' of yours; expected the X-Request-ID of an answer.", "request_id");
            }

            await Task.Delay(FirstRest * (1 << (look - 1)), time, cancellationToken);
        }
    }
}
