using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// Holds one call to a provider within its limits, and notes what comes of it: tokens, their price, the time to the first
/// content, why it ended. Innermost but for the provider itself.
/// </summary>
internal sealed class AttemptChatClient(IChatClient innerClient, TimeProvider time) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = GatewayChatOptions.Of(options).Request;
        using var limits = Begin(request, streaming: false, cancellationToken);
        try
        {
            var response = await base.GetResponseAsync(messages, options, limits.Token);
            request.ResponseModel = response.ModelId;
            request.FinishReason = response.FinishReason;
            Note(request, response.Usage, response.AdditionalProperties);
            return response;
        }
        catch (OperationCanceledException exception) when (limits.Expired)
        {
            throw TimedOut(request, limits, exception);
        }
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(messages, GatewayChatOptions.Of(options), cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var limits = Begin(options.Request, streaming: true, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, options, limits.Token).GetAsyncEnumerator(limits.Token);
        var contentSeen = false;
        while (true)
        {
            if (contentSeen)
            {
                limits.AwaitNextChunk();
            }

            try
            {
                if (!await updates.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException exception) when (limits.Expired)
            {
                throw TimedOut(options.Request, limits, exception);
            }

            var update = updates.Current;
            if (!contentSeen && update.Commits())
            {
                contentSeen = true;
                options.Request.TimeToFirstChunk ??= time.GetElapsedTime(options.Request.StartedAt);
            }

            if (contentSeen)
            {
                limits.Pause();
            }

            Note(options.Request, update);
            yield return update;
        }
    }

    private void Note(GatewayRequest request, ChatResponseUpdate update)
    {
        request.ResponseModel ??= update.ModelId;
        request.FinishReason = update.FinishReason ?? request.FinishReason;
        foreach (var content in update.Contents)
        {
            if (content is UsageContent usage)
            {
                // Counts in a stream are cumulative: the last one is the answer's.
                Note(request, usage.Details, update.AdditionalProperties);
            }
        }
    }

    private void Note(GatewayRequest request, UsageDetails? usage, AdditionalPropertiesDictionary? answer)
    {
        request.Usage = usage;
        request.Cost = request.Target?.Pricing.Of(
            usage, answer?.GetValueOrDefault(MessageProperties.ServiceTier) as string, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
    }

    private AttemptLimits Begin(GatewayRequest request, bool streaming, CancellationToken cancellationToken)
    {
        request.Attempts++;
        return request.Attempt = new AttemptLimits(request.Configuration.Options.Routing, streaming, time, cancellationToken, request.Stopping);
    }

    private static ProviderException TimedOut(GatewayRequest request, AttemptLimits limits, Exception cause)
    {
        var provider = request.Target?.Provider ?? "";
        return new ProviderException(ErrorCode.ProviderTimeout, provider, $"Provider '{provider}' was too slow: {limits.Reason}.", innerException: cause);
    }
}
