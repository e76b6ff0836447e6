using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>
/// How far the calls are that callers have decided on: in Redis, where there is one, which alone says whether a call may begin;
/// and in this process, which goes on knowing what it has made while Redis is away.
/// </summary>
internal sealed partial class CallStates(IRedis redis, KeptMemory memory, ILogger<CallStates> logger)
{
    // With the version of what stands there.
    private const string Prefix = "llmops:tools:1:";

    // ARGV: what is to stand there, nothing for no change; for how long in ms. Returns what stands there already.
    private static readonly RedisScript FindOrPut = new(
        """
        local held = redis.call('GET', KEYS[1])
        if held then
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        elseif ARGV[1] ~= '' then
          redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        end
        return held
        """);

    // ARGV: what stands there, unless another has taken its place.
    private static readonly RedisScript Remove = new(
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          redis.call('DEL', KEYS[1])
        end
        return false
        """);

    /// <summary>How far a call is; where nobody knows of it, it is as far as is said here from now on.</summary>
    /// <param name="decision">The call.</param>
    /// <param name="mine">How far it is then; null to ask only.</param>
    /// <param name="request">Its request.</param>
    /// <returns>How far it was; null where nobody knew of it.</returns>
    /// <exception cref="GatewayException">503: Redis cannot be asked, so that another replica may know of it.</exception>
    public async ValueTask<CallState?> FindOrPutAsync(KeptDecision decision, CallState? mine, GatewayRequest request)
    {
        var (name, options) = (Prefix + decision.Id, request.Configuration.Options.Functions);
        var known = memory.Find(name, options.KeptTimeToLive) is { } found ? new CallState(found) : (CallState?)null;
        if (!IsShared(decision))
        {
            return known is null && mine is { } first ? memory.FindOrKeep(name, first.Bytes.ToArray(), options) is { } other ? new CallState(other) : null : known;
        }

        try
        {
            // Redis may have lost what this process knows. Not cancelled: whoever leaves must know whether it is to be removed.
            var reply = await redis.EvaluateAsync(FindOrPut, [name], [(known ?? mine)?.Bytes ?? default, (long)options.KeptTimeToLive.TotalMilliseconds], CancellationToken.None);
            if (reply.IsNull && known is null)
            {
                if (mine is { } put)
                {
                    memory.Keep(name, put.Bytes.ToArray(), options);
                }

                return null;
            }

            // What came of it may be known here alone.
            return reply.IsNull || known is { IsOver: true } ? known : new CallState(reply.Bytes);
        }
        catch (RedisException exception)
        {
            if (known is null)
            {
                if (exception.MayHaveRun && mine is { } lost)
                {
                    // Nobody would take it up.
                    await RemoveSharedAsync(name, lost);
                }

                throw KeptAnswers.Unavailable(exception);
            }

            Alone(exception, request);
            return known;
        }
    }

    /// <summary>Notes what came of a call.</summary>
    public async ValueTask EndAsync(KeptDecision decision, CallState state, GatewayRequest request)
    {
        var (name, options) = (Prefix + decision.Id, request.Configuration.Options.Functions);
        memory.Keep(name, state.Bytes.ToArray(), options);
        if (IsShared(decision))
        {
            try
            {
                await redis.ExecuteAsync("SET", [RedisArgument.Key(name), state.Bytes, "PX", (long)options.KeptTimeToLive.TotalMilliseconds], CancellationToken.None);
            }
            catch (RedisException exception)
            {
                Alone(exception, request);
            }
        }
    }

    /// <summary>Forgets a call that was not begun after all, so that it may be.</summary>
    /// <param name="decision">The call.</param>
    /// <param name="mine">How far it was said to be.</param>
    public async ValueTask RemoveAsync(KeptDecision decision, CallState mine)
    {
        memory.Remove(Prefix + decision.Id);
        if (IsShared(decision))
        {
            await RemoveSharedAsync(Prefix + decision.Id, mine);
        }
    }

    private bool IsShared(KeptDecision decision) => redis.IsConfigured && !decision.IsHereAlone;

    private async ValueTask RemoveSharedAsync(string name, CallState mine)
    {
        try
        {
            await redis.EvaluateAsync(Remove, [name], [mine.Bytes], CancellationToken.None);
        }
        catch (RedisException exception)
        {
            // Then it counts as one that broke off.
            LogAlone(exception.Message);
        }
    }

    private void Alone(RedisException exception, GatewayRequest request)
    {
        LogAlone(exception.Message);
        request.DoWithout("redis");
    }

    [LoggerMessage(LogLevel.Debug, "How far an approved call is, is known to this replica alone: {Reason}")]
    private partial void LogAlone(string reason);
}
