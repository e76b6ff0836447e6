using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>Identical requests that are on their way at the same time, and may read the cache, share one call; streams with streams.</summary>
internal sealed class CoalescingChatClient(IChatClient innerClient, AnswerCache cache, CacheStatistics statistics, TimeProvider time) : DelegatingChatClient(innerClient)
{
    // Who wants an answer to the very question does not share the call of one who may be given another's.
    private readonly ConcurrentDictionary<(CacheKey Key, bool ExactOnly), SharedResponse> _responses = new();

    // Whether the usage is told at the end is in what the provider sends, and no part of the key.
    private readonly ConcurrentDictionary<(CacheKey Key, bool ExactOnly, bool IncludeUsage), SharedStream> _streams = new();
    private readonly HeldBytes _held = new();
    private readonly TimeProvider _time = time;

    /// <summary>Requests that wait at this moment for a call that others may share.</summary>
    public int Waiting => _responses.Values.Sum(call => call.Waiting) + _streams.Values.Sum(call => call.Waiting);

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        return Shares(gatewayOptions.Request)
            ? ShareAsync(messages, gatewayOptions, cancellationToken)
            : base.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        return Shares(gatewayOptions.Request)
            ? ShareStreamAsync(messages, gatewayOptions, cancellationToken)
            : base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    /// <summary>Whether a request may share the call of another one. What does not is counted by the semantic cache, the last that can answer it.</summary>
    public static bool Shares(GatewayRequest request) =>
        request is { Cache.Reads: true } && request.Configuration.Options.Caching.Coalesce && (request.Tools is null || request.Tools.MayBeSharedBy(request));

    private Task<ChatResponse> ShareAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var request = options.Request;
        var call = Join(_responses, (request.Cache!.Key, request.CacheControls.ExactOnly), request, request, static request => new SharedResponse(request));
        return call.First == request ? LeadAsync(call, messages, options, cancellationToken) : FollowAsync(call, messages, options, cancellationToken);
    }

    private async Task<ChatResponse> LeadAsync(SharedResponse call, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var request = options.Request;
        var key = (request.Cache!.Key, request.CacheControls.ExactOnly);
        using var leaving = cancellationToken.UnsafeRegister(static call => ((SharedResponse)call!).Leave(((SharedResponse)call).First), call);
        try
        {
            var response = cache.InMemory(request) ?? await base.GetResponseAsync(messages, options, call.Token);
            call.Succeed(response);
            cancellationToken.ThrowIfCancellationRequested();
            return response;
        }
        catch (Exception exception)
        {
            call.Fail(exception);
            throw;
        }
        finally
        {
            _responses.TryRemove(KeyValuePair.Create(key, call));
            statistics.Count(request.CacheStatus, request.Reused);
        }
    }

    private async Task<ChatResponse> FollowAsync(SharedResponse call, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var request = options.Request;
        using var limit = new CallerLimit(request, _time, cancellationToken);
        var span = request.Spans?.BeginApart(TelemetryNames.Coalesced);
        try
        {
            var response = await call.Response.WaitAsync(limit.Token);
            Tell(request, call.First, isAnswered: true);
            statistics.Count(request.CacheStatus, request.Reused);
            return response;
        }
        catch (Exception exception)
        {
            if (!IsOutOfTime(exception) || !limit.MayBeginAnew)
            {
                Tell(request, call.First, isAnswered: false);
                statistics.Count(CacheStatus.Miss);
                ExceptionDispatchInfo.Throw(limit.Told(exception));
            }
        }
        finally
        {
            call.Leave(request);
            CacheSpan.End(span, request);
        }

        // The call came to the end of its own time, and this request has enough left for another one.
        return await ShareAsync(messages, options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> ShareStreamAsync(
        IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = options.Request;
        var key = (request.Cache!.Key, request.CacheControls.ExactOnly, options.Original is { IncludeUsage: true });
        bool? more;
        do
        {
            // Until the end, or null where it is to be asked for anew.
            more = true;
            var call = Join(_streams, key, request, (Client: this, messages, options), static asked => new SharedStream(asked.options.Request, token => asked.Client.StreamAsync(asked.messages, asked.options, token), asked.Client._held, asked.Client._time));
            var isFirst = call.First == request;
            using var leaving = isFirst ? cancellationToken.UnsafeRegister(static call => ((SharedStream)call!).Leave(((SharedStream)call).First), call) : default;
            using var limit = isFirst ? null : new CallerLimit(request, _time, cancellationToken);
            var reader = call.Read(request);
            var span = isFirst ? null : request.Spans?.BeginApart(TelemetryNames.Coalesced);
            try
            {
                while ((more = limit is null ? await reader.MoveNextAsync(cancellationToken) : await FollowAsync(reader, request, limit)) is true)
                {
                    if (!isFirst && request.TimeToFirstChunk is null)
                    {
                        request.TimeToFirstChunk = _time.GetElapsedTime(request.StartedAt);
                        Tell(request, call.First, isAnswered: false);
                    }

                    yield return reader.Current;
                }
            }
            finally
            {
                reader.Dispose();
                if (call.Leave(request))
                {
                    await call.AbandonAsync();
                }

                if (isFirst)
                {
                    // It pays for the call, so that its facts must be complete before it goes.
                    await call.EndedAsync();
                    _streams.TryRemove(KeyValuePair.Create(key, call));
                }

                if (more is not null)
                {
                    // Only now is it known what it cost.
                    Tell(request, call.First, isAnswered: more is false);
                    CacheSpan.End(span, request);
                    statistics.Count(more is false ? request.CacheStatus : CacheStatus.Miss, more is false ? request.Reused : null);
                }
            }
        }
        while (more is null);
    }

    // What an identical call has left in memory since it was looked for, or a call.
    private IAsyncEnumerable<ChatResponseUpdate> StreamAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken) =>
        cache.StreamInMemory(options)?.ToAsyncEnumerable() ?? base.GetStreamingResponseAsync(messages, options, cancellationToken);

    // Null where the call came to the end of its own time before anything was sent, and this request has enough left for another one.
    private static async ValueTask<bool?> FollowAsync(SharedStream.Reader reader, GatewayRequest request, CallerLimit limit)
    {
        try
        {
            return await reader.MoveNextAsync(limit.Token);
        }
        catch (Exception exception)
        {
            if (IsOutOfTime(exception) && request.TimeToFirstChunk is null && limit.MayBeginAnew)
            {
                return null;
            }

            ExceptionDispatchInfo.Throw(limit.Told(exception));
            throw;
        }
    }

    // A call that others wait for already, or a new one of this request's.
    private static TCall Join<TKey, TCall, TAsked>(ConcurrentDictionary<TKey, TCall> calls, TKey key, GatewayRequest request, TAsked asked, Func<TAsked, TCall> make)
        where TKey : notnull
        where TCall : SharedCall
    {
        TCall? own = null;
        while (true)
        {
            if (!calls.TryGetValue(key, out var known))
            {
                if (calls.TryAdd(key, own ??= make(asked)))
                {
                    return own;
                }
            }
            else if (known.TryJoin(request))
            {
                return known;
            }
            else
            {
                // Over, or with less time than this request has.
                calls.TryRemove(KeyValuePair.Create(key, known));
            }
        }
    }

    private static bool IsOutOfTime(Exception exception) => exception is GatewayException { Error: var error } && error == ErrorCode.DeadlineExceeded;

    // Whose the answer is. The call is the first one's, to whom it is counted; what it cost is known when it is answered.
    private static void Tell(GatewayRequest request, GatewayRequest first, bool isAnswered)
    {
        if (request == first)
        {
            return;
        }

        request.CacheStatus = CacheStatus.Coalesced;
        request.Semantic = first.CacheStatus == CacheStatus.HitSemantic ? first.Semantic : null;
        request.Reused = first.Reused ?? (first.Attempt is { } attempt
            ? new ReusedAnswer(attempt.Target.Provider, attempt.Target.Model, isAnswered ? first.Cost : null, first.Usage) { ResponseModel = attempt.ResponseModel, FinishReason = attempt.FinishReason }
            : null);
    }
}
