using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>
/// The answers that are kept, in memory first, then in Redis where there is one, as the pipeline gives them: a request that
/// is given one is told so. One that cannot be read any more is removed, and is none.
/// </summary>
internal sealed partial class AnswerCache
{
    private readonly MemoryAnswers _memory;
    private readonly RedisAnswers _redis;
    private readonly CacheGenerations _generations;
    private readonly TimeProvider _time;
    private readonly ILogger<AnswerCache> _logger;

    public AnswerCache(MemoryAnswers memory, RedisAnswers redis, CacheGenerations generations, TimeProvider time, ILogger<AnswerCache> logger)
    {
        (_memory, _redis, _generations, _time, _logger) = (memory, redis, generations, time, logger);

        // Nothing finds them any more; this gives their memory back.
        generations.Cleared += scope => memory.RemoveAll(ClearedScope.Of(scope).Contains);
    }

    /// <summary>Whether there is a Redis that can be asked now; where there is one that cannot, the request is told.</summary>
    public bool AsksRedis(GatewayRequest request)
    {
        if (!_redis.IsConfigured)
        {
            return false;
        }

        if (!_redis.IsAvailable || !_generations.Known)
        {
            request.DoWithout("redis");
            return false;
        }

        return true;
    }

    /// <summary>The answer in memory; null where there is none.</summary>
    public ChatResponse? InMemory(GatewayRequest request) =>
        _memory.Find(request.Cache!.Key) is { } answer ? Read(request, answer, CacheStatus.HitMemory) : null;

    /// <summary>The answer in memory as a stream; null where there is none.</summary>
    public IReadOnlyList<ChatResponseUpdate>? StreamInMemory(GatewayChatOptions options) =>
        _memory.Find(options.Request.Cache!.Key) is { } answer ? Replay(options, answer, CacheStatus.HitMemory) : null;

    /// <summary>The answer in Redis; null where there is none, or Redis does not say, which the request is told.</summary>
    public async ValueTask<ChatResponse?> InRedisAsync(GatewayRequest request, CancellationToken cancellationToken) =>
        await FindInRedisAsync(request, cancellationToken) is { } answer ? Read(request, answer, CacheStatus.HitRedis) : null;

    /// <summary>The answer in Redis as a stream; null where there is none, or Redis does not say, which the request is told.</summary>
    public async ValueTask<IReadOnlyList<ChatResponseUpdate>?> StreamInRedisAsync(GatewayChatOptions options, CancellationToken cancellationToken) =>
        await FindInRedisAsync(options.Request, cancellationToken) is { } answer ? Replay(options, answer, CacheStatus.HitRedis) : null;

    /// <summary>Keeps an answer; in Redis by another thread, as compressing takes its time.</summary>
    /// <returns>Ends when Redis has it, or has failed to take it; it never fails itself.</returns>
    public Task KeepAsync(CacheKey key, CachedAnswer answer, int compressFrom)
    {
        _memory.Keep(key, answer);
        return _redis.IsConfigured && _redis.IsAvailable && _generations.Known ? Task.Run(() => _redis.KeepAsync(key, answer, compressFrom)) : Task.CompletedTask;
    }

    private async ValueTask<CachedAnswer?> FindInRedisAsync(GatewayRequest request, CancellationToken cancellationToken)
    {
        var key = request.Cache!.Key;
        var (answer, failed) = await _redis.FindAsync(key, request.Configuration.Options.Caching.MaxEntryBytes, cancellationToken);
        if (failed)
        {
            request.DoWithout("redis");
        }

        if (answer is null || !answer.IsFor(request, _time.GetUtcNow()))
        {
            return null;
        }

        if (!CompletionReader.MayBeKept(answer.Json))
        {
            Remove(key, "no whole answer");
            return null;
        }

        // Not the texts that came with it: those of the request are there as it is.
        answer = answer with { Tenant = request.Principal.Tenant, ModelName = request.Route!.Name, Prompt = request.Prompt?.Name };
        _memory.Keep(key, answer);
        return answer;
    }

    private ChatResponse? Read(GatewayRequest request, CachedAnswer answer, string status)
    {
        try
        {
            return AnswerReader.Read(request, answer, status);
        }
        catch (Exception exception)
        {
            Remove(request.Cache!.Key, exception.GetType().Name);
            return null;
        }
    }

    private IReadOnlyList<ChatResponseUpdate>? Replay(GatewayChatOptions options, CachedAnswer answer, string status)
    {
        try
        {
            return AnswerReader.Replay(options, answer, status, _time);
        }
        catch (Exception exception)
        {
            Remove(options.Request.Cache!.Key, exception.GetType().Name);
            return null;
        }
    }

    private void Remove(CacheKey key, string reason)
    {
        LogRemoved(reason);
        _memory.Remove(key);
        _ = _redis.RemoveAsync(key);
    }

    [LoggerMessage(LogLevel.Warning, "An answer in the cache could not be read and is removed: {Reason}")]
    private partial void LogRemoved(string reason);
}
