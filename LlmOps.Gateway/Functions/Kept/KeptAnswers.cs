using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>
/// Answers that went out in part, until their caller comes back with the rest: in Redis where there is one, and in this process.
/// While Redis is away each replica knows its own alone.
/// </summary>
internal sealed partial class KeptAnswers(IRedis redis, KeptMemory memory, ILogger<KeptAnswers> logger)
{
    // With the version of what stands there.
    private const string Prefix = "llmops:tools:1:";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // ARGV: how long it is kept from now on, in ms.
    private static readonly RedisScript Use = new(
        """
        local held = redis.call('GET', KEYS[1])
        if held then
          redis.call('PEXPIRE', KEYS[1], ARGV[1])
        end
        return held
        """);

    /// <summary>Keeps an answer.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="request">The request that it answers.</param>
    /// <exception cref="GatewayException">It is larger than what is kept.</exception>
    public async ValueTask KeepAsync(string id, KeptAnswer answer, GatewayRequest request)
    {
        var (name, json, options) = (Prefix + id, Json(answer), request.Configuration.Options.Functions);
        if (Math.Min(request.Configuration.Options.Endpoints.MaxBodyBytes, options.KeptMemoryBytes / 2) is var most && json.Length > most)
        {
            // It would come back in a body that is not accepted, and take the room of all others until then.
            throw new GatewayException(
                ErrorCode.FunctionLimit, $"What is to be kept of the answer for its caller, with the results of tools, has {json.Length} bytes; at most {most} are kept (Gateway:Endpoints:MaxBodyBytes, and half of Gateway:Functions:KeptMemoryBytes).");
        }

        memory.Keep(name, json, options);
        ToolMetrics.Kept("kept");
        if (!redis.IsConfigured)
        {
            return;
        }

        try
        {
            await redis.ExecuteAsync("SET", [RedisArgument.Key(name), json, "PX", (long)options.KeptTimeToLive.TotalMilliseconds], request.CallerGone);
        }
        catch (RedisException exception)
        {
            LogAlone(exception.Message);
            request.DoWithout("redis");
            if (!exception.MayHaveRun)
            {
                memory.Keep(name, Json(answer with { IsHereAlone = true }), options);
            }
        }
    }

    /// <summary>What was kept cannot be known now.</summary>
    public static GatewayException Unavailable(RedisException exception) =>
        new(ErrorCode.KeptCallsUnavailable, "What is kept of the tool calls of this conversation, and whether they were made, is not known now, as Redis cannot be asked.", innerException: exception) { RetryAfter = Soon };

    /// <summary>An answer that was kept for the caller of this request; null where there is none, or it is another's.</summary>
    /// <exception cref="GatewayException">503: Redis, which may have it, cannot be asked.</exception>
    public async ValueTask<KeptAnswer?> FindAsync(string id, GatewayRequest request)
    {
        var json = await FindAsync(Prefix + id, request, request.Configuration.Options.Functions);
        return json is { } found && JsonSerializer.Deserialize(found.Span, KeptContext.Default.KeptAnswer) is { } answer && answer.Owner == KeptAnswer.OwnerOf(request.Principal) ? answer : null;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> FindAsync(string name, GatewayRequest request, FunctionOptions options)
    {
        RedisException? away = null;
        if (redis.IsConfigured)
        {
            try
            {
                var reply = await redis.EvaluateAsync(Use, [name], [(long)options.KeptTimeToLive.TotalMilliseconds], request.CallerGone);
                if (!reply.IsNull)
                {
                    return reply.Bytes;
                }
            }
            catch (RedisException exception)
            {
                away = exception;
            }
        }

        // Also what was kept while Redis was away.
        if (memory.Find(name, options.KeptTimeToLive) is { } found)
        {
            if (away is not null)
            {
                LogAlone(away.Message);
                request.DoWithout("redis");
            }

            return found;
        }

        return away is null ? (ReadOnlyMemory<byte>?)null : throw Unavailable(away);
    }

    private static byte[] Json(KeptAnswer answer) => JsonSerializer.SerializeToUtf8Bytes(answer, KeptContext.Default.KeptAnswer);

    [LoggerMessage(LogLevel.Debug, "An answer that waits for its caller is known to this replica alone: {Reason}")]
    private partial void LogAlone(string reason);
}
