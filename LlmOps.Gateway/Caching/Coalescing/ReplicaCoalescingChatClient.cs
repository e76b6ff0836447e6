using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>
/// Where the settings say so, one of several replicas that are asked the same asks the provider, and the others wait for what
/// it keeps in Redis. Streams wait for the whole answer.
/// </summary>
internal sealed class ReplicaCoalescingChatClient(IChatClient innerClient, AnswerCache cache, ReplicaLocks locks, TimeProvider time) : DelegatingChatClient(innerClient)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Waits(GatewayChatOptions.Of(options).Request)
            ? WaitAsync(messages, GatewayChatOptions.Of(options), cancellationToken)
            : base.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Waits(GatewayChatOptions.Of(options).Request)
            ? WaitStreamAsync(messages, GatewayChatOptions.Of(options), cancellationToken)
            : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    private bool Waits(GatewayRequest request) =>
        request.Configuration.Options.Caching.ReplicaWait > TimeSpan.Zero && CoalescingChatClient.Shares(request) && request.Cache is { Writes: true } && cache.AsksRedis(request);

    private async Task<ChatResponse> WaitAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var (taken, response) = await TakeAsync(options.Request, token => cache.InRedisAsync(options.Request, token), cancellationToken);
        await using (taken)
        {
            return response ?? await base.GetResponseAsync(messages, options, cancellationToken);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> WaitStreamAsync(
        IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (taken, known) = await TakeAsync(options.Request, token => cache.StreamInRedisAsync(options, token), cancellationToken);
        await using (taken)
        {
            await foreach (var update in (known?.ToAsyncEnumerable() ?? base.GetStreamingResponseAsync(messages, options, cancellationToken)).WithCancellation(cancellationToken))
            {
                yield return update;
            }
        }
    }

    // The lock, or the answer of whoever had it; neither where that one has taken too long. Not longer than the request has time.
    private async Task<(IAsyncDisposable? Taken, TAnswer? Answer)> TakeAsync<TAnswer>(GatewayRequest request, Func<CancellationToken, ValueTask<TAnswer?>> find, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var limit = new CallerLimit(request, time, cancellationToken);
        try
        {
            return await TakeWithinAsync(request, find, limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            ExceptionDispatchInfo.Throw(limit.Told(exception));
            throw;
        }
    }

    private async Task<(IAsyncDisposable? Taken, TAnswer? Answer)> TakeWithinAsync<TAnswer>(GatewayRequest request, Func<CancellationToken, ValueTask<TAnswer?>> find, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var (begun, wait, pause) = (time.GetTimestamp(), request.Configuration.Options.Caching.ReplicaWait, FirstPause);
        while (true)
        {
            var taken = await locks.TryTakeAsync(request.Cache!.Key, wait, cancellationToken);
            try
            {
                // Whoever had it may just have kept its answer.
                var answer = await find(cancellationToken);
                if (taken is not null || answer is not null || time.GetElapsedTime(begun) > wait)
                {
                    return (taken, answer);
                }
            }
            catch when (taken is not null)
            {
                await taken.DisposeAsync();
                throw;
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
