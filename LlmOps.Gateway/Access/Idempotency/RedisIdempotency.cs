using System.Text;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>
/// What all replicas know of requests with an idempotency key: under one name in Redis there is the answer, or the lease of the
/// replica that is making the call. While Redis is away each replica knows its own requests alone.
/// </summary>
internal sealed partial class RedisIdempotency(IRedis redis, IdempotencyLeases leases, TimeProvider time, ILogger<RedisIdempotency> logger)
{
    // With the version of what stands there.
    private const string Prefix = "llmops:idempotency:1:";
    private const char LeaseMark = 'L';

    // A single late answer of Redis must not lead to a second call.
    private const int Tries = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    // ARGV: a lease, its duration in ms. Returns what stands there; nothing where that is this lease now.
    private static readonly RedisScript Take = new(
        """
        local held = redis.call('GET', KEYS[1])
        if held and held ~= ARGV[1] then
          return held
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false
        """);

    // ARGV: an answer, how long it is kept in ms. The first answer stays; it is returned.
    private static readonly RedisScript Put = new(
        $"""
        local held = redis.call('GET', KEYS[1])
        if held and string.byte(held) == {IdempotentAnswer.Mark} then
          return held
        end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false
        """);

    /// <summary>
    /// Waits for the answer that another replica has given, or is about to give; null where this one is to make the call, and
    /// to end that by <see cref="ReleaseAsync"/>.
    /// </summary>
    /// <exception cref="GatewayException">The key has another body.</exception>
    public async Task<IdempotentAnswer?> FindOrTakeAsync(IdempotentRequest asked, GatewayRequest request, CancellationToken cancellationToken)
    {
        if (!redis.IsConfigured)
        {
            return null;
        }

        var (name, lease) = (Name(asked), $"{LeaseMark}{asked.Fingerprint}{leases.Next()}");
        try
        {
            var answer = await WaitAsync(name, lease, asked, request, cancellationToken);
            if (answer is null)
            {
                leases.Hold(name, lease);
            }

            return answer;
        }
        catch (OperationCanceledException)
        {
            // It may have been taken; nobody waits until it is ended.
            _ = leases.EndAsync(name, lease).AsTask();
            throw;
        }
    }

    /// <summary>Keeps an answer for all replicas, and returns the one that counts: another replica may have been first.</summary>
    /// <param name="asked">What it answers.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="request">The request that it is given to.</param>
    public async Task<IdempotentAnswer> KeepAsync(IdempotentRequest asked, IdempotentAnswer answer, GatewayRequest request)
    {
        if (!redis.IsConfigured)
        {
            return answer;
        }

        var (bytes, lifetime) = (answer.ToBytes(), (long)request.Configuration.Options.Access.Idempotency.TimeToLive.TotalMilliseconds);
        for (var tries = 1; ; tries++)
        {
            try
            {
                var reply = await redis.EvaluateAsync(Put, [Name(asked)], [bytes, lifetime]);
                return !reply.IsNull && IdempotentAnswer.TryRead(reply.Bytes, out var first) ? first : answer;
            }
            catch (RedisException exception)
            {
                if (tries == Tries || !redis.IsAvailable)
                {
                    LogAlone(exception.Message);
                    request.DoWithout("redis");
                    return answer;
                }
            }
        }
    }

    /// <summary>The call is over: whoever waits for it looks for its answer, or makes the call. It does not fail.</summary>
    public ValueTask ReleaseAsync(IdempotentRequest asked) => leases.ReleaseAsync(Name(asked));

    private async Task<IdempotentAnswer?> WaitAsync(string name, string lease, IdempotentRequest asked, GatewayRequest request, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var failures = 0; ;)
        {
            try
            {
                var reply = await redis.EvaluateAsync(Take, [name], [lease, (long)leases.Duration.TotalMilliseconds], cancellationToken);
                if (reply.IsNull)
                {
                    return null;
                }

                failures = 0;
                if (IdempotentAnswer.TryRead(reply.Bytes, out var answer))
                {
                    asked.Match(answer.Fingerprint);
                    return answer;
                }

                asked.Match(FingerprintOf(reply.Bytes.Span));
            }
            catch (RedisException exception)
            {
                if (++failures == Tries || !redis.IsAvailable)
                {
                    LogAlone(exception.Message);
                    request.DoWithout("redis");
                    return null;
                }
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private static string Name(IdempotentRequest asked) => Prefix + asked.Id;

    // Of a lease. What is none, as somebody else wrote there, is like that of another request.
    private static string FingerprintOf(ReadOnlySpan<byte> lease) =>
        lease.Length > IdempotentRequest.FingerprintLength && lease[0] == LeaseMark ? Encoding.ASCII.GetString(lease.Slice(1, IdempotentRequest.FingerprintLength)) : "";

    [LoggerMessage(LogLevel.Debug, "A request with an idempotency key is known to this replica alone: {Reason}")]
    private partial void LogAlone(string reason);
}
