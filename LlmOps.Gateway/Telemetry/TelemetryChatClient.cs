using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry;

/// <summary>Notes what came of a request: tokens, the time to the first content, why it ended.</summary>
internal sealed class TelemetryChatClient(IChatClient innerClient, TimeProvider time) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = GatewayChatOptions.Of(options).Request;
        try
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            request.ResponseModel = response.ModelId;
            request.Usage = response.Usage;
            request.FinishReason = response.FinishReason;
            Price(request, response.AdditionalProperties);
            return response;
        }
        catch (Exception exception)
        {
            request.Error = RequestLog.OutcomeOf(exception, request);
            throw;
        }
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ObserveAsync(base.GetStreamingResponseAsync(messages, options, cancellationToken), GatewayChatOptions.Of(options).Request, cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> ObserveAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, GatewayRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Whoever stops reading before the end has left; the end or a failure below says otherwise.
        request.Error = ErrorCode.ClientClosedRequest;
        await using var enumerator = updates.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await enumerator.MoveNextAsync())
                {
                    request.Error = null;
                    yield break;
                }
            }
            catch (Exception exception)
            {
                request.Error = RequestLog.OutcomeOf(exception, request);
                throw;
            }

            Note(enumerator.Current, request);
            yield return enumerator.Current;
        }
    }

    private void Note(ChatResponseUpdate update, GatewayRequest request)
    {
        if (request.TimeToFirstChunk is null && update.Commits())
        {
            request.TimeToFirstChunk = time.GetElapsedTime(request.StartedAt);
        }

        request.ResponseModel ??= update.ModelId;
        request.FinishReason = update.FinishReason ?? request.FinishReason;
        foreach (var content in update.Contents)
        {
            if (content is UsageContent usage)
            {
                // Counts in a stream are cumulative: the last one is the answer's.
                request.Usage = usage.Details;
                Price(request, update.AdditionalProperties);
            }
        }
    }

    private void Price(GatewayRequest request, AdditionalPropertiesDictionary? answer) =>
        request.Cost = request.Target?.Pricing.Of(
            request.Usage, answer?.GetValueOrDefault(MessageProperties.ServiceTier) as string, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
}
