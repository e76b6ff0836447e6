using System.Globalization;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>
/// The limits that all replicas share. Redis takes and settles by its own clock, a taking in one script. Places are leases, which
/// are renewed while they are held, so that those of a replica that is gone come back by themselves.
/// </summary>
internal sealed class RedisLimits(IRedis redis, RedisLeases leases) : ILimitStore
{
    // All limits lie in one slot of a cluster: those of a request are taken together.
    private const string Prefix = "{llmops:limits}:";

    private const string Common =
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000000 + clock[2]
        local function used(key, capacity, window)
          if window == 0 then
            redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
            return redis.call('ZCARD', key)
          end
          local state = redis.call('GET', key)
          if not state then
            return 0
          end
          local before, at = string.match(state, '^(%S+) (%S+)$')
          return math.max(0, before - math.max(0, now - at) / window * capacity)
        end
        local function keep(key, amount, capacity, window)
          local unused = math.min(math.ceil(amount / capacity * window / 1000) + 1, 1e14)
          redis.call('SET', key, string.format('%.17g %.0f', amount, now), 'PX', string.format('%.0f', unused))
        end

        """;

    // ARGV: lease, its duration in ms, then for each key: amount, capacity, window in µs (0 for places), the most where there is room.
    // Returns whether they are taken, then of each how much is used, and how much was taken.
    private static readonly RedisScript Take = new(
        Common +
        $$"""
        local fits, result = 1, {}
        local function asked(index)
          local at = 4 * index - 1
          return tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
        end
        for index = 1, #KEYS do
          local amount, capacity, window = asked(index)
          result[2 * index] = used(KEYS[index], capacity, window)
          if result[2 * index] + amount - capacity > {{Limit.Tolerance}} then
            fits = 0
          end
        end
        for index = 1, #KEYS do
          local amount, capacity, window, most = asked(index)
          if fits == 1 then
            amount = math.max(amount, math.floor(math.min(most, capacity - result[2 * index])))
            result[2 * index] = result[2 * index] + amount
            if window == 0 then
              redis.call('ZADD', KEYS[index], now + ARGV[2] * 1000, ARGV[1])
              redis.call('PEXPIRE', KEYS[index], ARGV[2])
            else
              keep(KEYS[index], result[2 * index], capacity, window)
            end
          end
          result[2 * index] = string.format('%.17g', result[2 * index])
          result[2 * index + 1] = string.format('%.0f', amount)
        end
        result[1] = fits
        return result
        """);

    // ARGV: lease, then for each key: change, capacity, window.
    private static readonly RedisScript Settle = new(
        Common +
        $$"""
        for index = 1, #KEYS do
          local change, capacity, window = tonumber(ARGV[3 * index - 1]), tonumber(ARGV[3 * index]), tonumber(ARGV[3 * index + 1])
          if window == 0 then
            redis.call('ZREM', KEYS[index], ARGV[1])
          else
            local amount = used(KEYS[index], capacity, window) + change
            if amount < {{Limit.Tolerance}} then
              redis.call('DEL', KEYS[index])
            else
              keep(KEYS[index], amount, capacity, window)
            end
          end
        end
        """);

    /// <inheritdoc/>
    /// <exception cref="RedisException">It may be taken or not; of places it is not.</exception>
    public async ValueTask<LimitRefusal?> TakeAsync(LimitTaking taking)
    {
        var keys = new RedisArgument[taking.Shares.Length];
        var arguments = new RedisArgument[2 + 4 * keys.Length];
        var lease = taking.HasPlaces ? leases.Next() : "";
        (arguments[0], arguments[1]) = (lease, (long)leases.Duration.TotalMilliseconds);
        var at = 0;
        foreach (ref var share in taking.Shares)
        {
            Write(share.Limit, share.Amount, at, keys, arguments.AsSpan(2 + 4 * at));
            arguments[2 + 4 * at + 3] = share.Most;
            at++;
        }

        try
        {
            if (Read(await redis.EvaluateAsync(Take, keys, arguments), taking.Shares) is { } refusal)
            {
                return refusal;
            }
        }
        catch (RedisException exception)
        {
            if (exception.MayHaveRun && taking.HasPlaces)
            {
                leases.GiveBack(lease, Places(taking, keys));
            }

            throw;
        }

        taking.Store = this;
        if (taking.HasPlaces)
        {
            taking.Lease = lease;
            leases.Hold(lease, Places(taking, keys));
        }

        return null;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">It may be settled or not.</exception>
    public async ValueTask SettleAsync(LimitTaking taking)
    {
        if (taking.Lease is { } lease)
        {
            leases.Release(lease);
        }

        var count = 0;
        foreach (ref var share in taking.Shares)
        {
            count += share.Change == 0 ? 0 : 1;
        }

        var keys = new RedisArgument[count];
        var arguments = new RedisArgument[1 + 3 * count];
        arguments[0] = taking.Lease ?? "";
        var at = 0;
        foreach (ref var share in taking.Shares)
        {
            if (share.Change != 0)
            {
                // What callers are told is not asked for once more.
                share.Used = Math.Max(0, share.Used + share.Change);
                Write(share.Limit, share.Change, at, keys, arguments.AsSpan(1 + 3 * at));
                at++;
            }
        }

        await redis.EvaluateAsync(Settle, keys, arguments);
    }

    private static void Write(in Limit limit, long amount, int at, RedisArgument[] keys, Span<RedisArgument> arguments)
    {
        var unit = limit.Unit switch { LimitUnit.Requests => "requests", LimitUnit.Tokens => "tokens", _ => "places" };
        keys[at] = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{limit.Owner}:{unit}:{limit.Window.TotalSeconds}");
        arguments[0] = amount;
        arguments[1] = limit.Capacity;
        arguments[2] = limit.Window.Ticks / TimeSpan.TicksPerMicrosecond;
    }

    private static LimitRefusal? Read(RedisReply reply, Span<LimitShare> shares)
    {
        var items = reply.Items;
        for (var index = 0; index < shares.Length; index++)
        {
            shares[index].Used = items[2 * index + 1].Number;
            shares[index].Amount = items[2 * index + 2].Integer;
        }

        return items[0].Integer == 1 ? null : LimitRefusal.Of(shares) ?? throw RedisException.Unexpected(reply.Kind, "a limit that is used up");
    }

    private static RedisArgument[] Places(LimitTaking taking, RedisArgument[] keys)
    {
        var (places, at) = (new List<RedisArgument>(), 0);
        foreach (ref var share in taking.Shares)
        {
            if (share.Limit.Unit == LimitUnit.Places)
            {
                places.Add(keys[at]);
            }

            at++;
        }

        return [.. places];
    }
}
