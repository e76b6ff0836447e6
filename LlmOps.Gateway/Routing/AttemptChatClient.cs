using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>Holds one call to a provider within its limits. Innermost but for the provider itself.</summary>
internal sealed class AttemptChatClient(IChatClient innerClient, TimeProvider time) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = GatewayChatOptions.Of(options).Request;
        using var limits = Begin(request, streaming: false, cancellationToken);
        try
        {
            return await base.GetResponseAsync(messages, options, limits.Token);
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

            contentSeen |= updates.Current.Commits();
            if (contentSeen)
            {
                limits.Pause();
            }

            yield return updates.Current;
        }
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
