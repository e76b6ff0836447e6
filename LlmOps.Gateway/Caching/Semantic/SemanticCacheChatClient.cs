using System.Runtime.CompilerServices;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>Gives a question the answer of another one that asks the same in other words.</summary>
internal sealed class SemanticCacheChatClient(IChatClient innerClient, SemanticCache cache, CacheStatistics statistics, TimeProvider time) : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        if (cache.MayAnswer(gatewayOptions, messages))
        {
            return AnswerAsync(messages, gatewayOptions, cancellationToken);
        }

        Count(gatewayOptions.Request);
        return base.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        if (cache.MayAnswer(gatewayOptions, messages))
        {
            return StreamAsync(messages, gatewayOptions, cancellationToken);
        }

        Count(gatewayOptions.Request);
        return base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    private async Task<ChatResponse> AnswerAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var known = await FindAsync(options, answer => AnswerReader.Read(options.Request, answer, CacheStatus.HitSemantic), cancellationToken);
        return known ?? await base.GetResponseAsync(messages, options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = await FindAsync(options, answer => AnswerReader.Replay(options, answer, CacheStatus.HitSemantic, time), cancellationToken);
        await foreach (var update in (known?.ToAsyncEnumerable() ?? base.GetStreamingResponseAsync(messages, options, cancellationToken)).WithCancellation(cancellationToken))
        {
            yield return update;
        }
    }

    private async ValueTask<TAnswer?> FindAsync<TAnswer>(GatewayChatOptions options, Func<CachedAnswer, TAnswer> read, CancellationToken cancellationToken)
        where TAnswer : class
    {
        // What is asked for the question's embedding, or of a judge, lies in it.
        var span = options.Request.Spans?.Begin(TelemetryNames.SemanticCache);
        try
        {
            return await cache.FindAsync(options.Request, read, cancellationToken);
        }
        finally
        {
            CacheSpan.End(span, options.Request);
            Count(options.Request);
        }
    }

    // Where requests share calls, it is counted there what came of each.
    private void Count(GatewayRequest request)
    {
        if (request is { Cache.Reads: true } && !CoalescingChatClient.Shares(request))
        {
            statistics.Count(request.CacheStatus, request.Reused);
        }
    }
}
