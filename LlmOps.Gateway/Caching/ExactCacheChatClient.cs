using System.Diagnostics;
using System.Runtime.CompilerServices;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching;

/// <summary>Gives a request the answer that an identical one had before, from memory or Redis.</summary>
internal sealed class ExactCacheChatClient(IChatClient innerClient, AnswerCache cache, CacheGenerations generations, CacheStatistics statistics)
    : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        var request = gatewayOptions.Request;
        if (!MayRead(gatewayOptions, messages))
        {
            return base.GetResponseAsync(messages, options, cancellationToken);
        }

        var span = request.Spans?.BeginApart(TelemetryNames.ExactCache);
        if (cache.InMemory(request) is { } response)
        {
            statistics.Count(request.CacheStatus, request.Reused);
            CacheSpan.End(span, request);
            return Task.FromResult(response);
        }

        request.CacheStatus = CacheStatus.Miss;
        if (cache.AsksRedis(request))
        {
            return AskRedisAsync(messages, gatewayOptions, span, cancellationToken);
        }

        CacheSpan.End(span, request);
        return base.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        var request = gatewayOptions.Request;
        if (!MayRead(gatewayOptions, messages))
        {
            return base.GetStreamingResponseAsync(messages, options, cancellationToken);
        }

        var span = request.Spans?.BeginApart(TelemetryNames.ExactCache);
        if (cache.StreamInMemory(gatewayOptions) is { } updates)
        {
            statistics.Count(request.CacheStatus, request.Reused);
            CacheSpan.End(span, request);
            return updates.ToAsyncEnumerable();
        }

        request.CacheStatus = CacheStatus.Miss;
        if (cache.AsksRedis(request))
        {
            return StreamRedisAsync(messages, gatewayOptions, span, cancellationToken);
        }

        CacheSpan.End(span, request);
        return base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    private async Task<ChatResponse> AskRedisAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options, Activity? span, CancellationToken cancellationToken)
    {
        var response = await CountedAsync(options.Request, span, () => cache.InRedisAsync(options.Request, cancellationToken));
        return response ?? await base.GetResponseAsync(messages, options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamRedisAsync(
        IEnumerable<ChatMessage> messages, GatewayChatOptions options, Activity? span, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = await CountedAsync(options.Request, span, () => cache.StreamInRedisAsync(options, cancellationToken));
        await foreach (var update in (known?.ToAsyncEnumerable() ?? base.GetStreamingResponseAsync(messages, options, cancellationToken)).WithCancellation(cancellationToken))
        {
            yield return update;
        }
    }

    private async ValueTask<TAnswer?> CountedAsync<TAnswer>(GatewayRequest request, Activity? span, Func<ValueTask<TAnswer?>> look)
        where TAnswer : class
    {
        try
        {
            var answer = await look();
            if (answer is not null)
            {
                statistics.Count(request.CacheStatus, request.Reused);
            }

            return answer;
        }
        catch
        {
            // Its caller has left.
            statistics.Count(CacheStatus.Miss);
            throw;
        }
        finally
        {
            CacheSpan.End(span, request);
        }
    }

    // The later stages find what was decided in the request, and count what came of a request that is not answered here.
    private bool MayRead(GatewayChatOptions options, IEnumerable<ChatMessage> messages)
    {
        var request = options.Request;
        request.Cache = CacheUse.Of(options, messages, generations);
        if (request.Cache is { Reads: true })
        {
            return true;
        }

        statistics.Count(CacheStatus.Bypass);
        return false;
    }
}
