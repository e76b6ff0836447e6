using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// What is done to the counters in Redis, each in one script. A counter is a hash: what each request holds, under its id; the
/// sum of that (pending); what the ledger has besides (spent), which is missing while nobody has read it from there; and how
/// often ids came or went meanwhile (version); and the epoch in which it was seen last. The first key is the epoch's: a new one says
/// that Redis lost what it had. It has a field for each counter seen in it, so that one that is lost alone, by eviction or by hand,
/// is missed.
/// docs/decisions/budgets.md has the reasons.
/// </summary>
internal static class RedisBudgetScripts
{
    /// <summary>Takes part in the epoch, and begins one where there is none. ARGV: a new epoch's id, for how many milliseconds the replicas may put back what they hold. Answers with the id.</summary>
    public static readonly RedisScript Open = new(
        """
        local id = redis.call('HGET', KEYS[1], 'id')
        if id then
          return id
        end
        local now = redis.call('TIME')
        redis.call('HSET', KEYS[1], 'id', ARGV[1], 'ready', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[2]))
        return ARGV[1]
        """);

    /// <summary>
    /// Holds an amount for a request in all counters, or in none. ARGV: epoch, request, amount; of each counter its limit and the
    /// time in seconds at which it may be forgotten, 0 for never. Answers with a word: taken, and of each what others have and what of it is spent;
    /// refused, in which one and the same there; base, and which one is to be read; wait, and how many milliseconds; epoch.
    /// </summary>
    public static readonly RedisScript Reserve = new(
        """
        local epoch = redis.call('HMGET', KEYS[1], 'id', 'ready')
        if epoch[1] ~= ARGV[1] then
          return {'epoch'}
        end
        if epoch[2] then
          local now = redis.call('TIME')
          local left = epoch[2] - (now[1] * 1000 + math.floor(now[2] / 1000))
          if left > 0 then
            return {'wait', string.format('%.0f', left)}
          end
          redis.call('HDEL', KEYS[1], 'ready')
        end
        local answer, own = {'taken'}, {}
        for i = 2, #KEYS do
          local count = redis.call('HMGET', KEYS[i], 'spent', 'pending', ARGV[2], 'epoch')
          if count[4] ~= ARGV[1] then
            if redis.call('HEXISTS', KEYS[1], KEYS[i]) == 1 then
              redis.call('DEL', KEYS[1])
              return {'epoch'}
            end
            if count[1] then
              redis.call('HSET', KEYS[1], KEYS[i], ARGV[i * 2 + 1])
              redis.call('HSET', KEYS[i], 'epoch', ARGV[1])
            end
          end
          if not count[1] then
            return {'base', i - 2}
          end
          own[i] = tonumber(count[3] or '0')
          local others = tonumber(count[1]) + tonumber(count[2] or '0') - own[i]
          if others + tonumber(ARGV[3]) > tonumber(ARGV[i * 2]) then
            return {'refused', i - 2, string.format('%.0f', others), count[1]}
          end
          answer[i * 2 - 2] = string.format('%.0f', others)
          answer[i * 2 - 1] = count[1]
        end
        for i = 2, #KEYS do
          redis.call('HINCRBY', KEYS[i], 'pending', string.format('%.0f', ARGV[3] - own[i]))
          redis.call('HSET', KEYS[i], ARGV[2], ARGV[3])
          if ARGV[i * 2 + 1] ~= '0' then
            redis.call('EXPIREAT', KEYS[i], ARGV[i * 2 + 1])
          end
        end
        return answer
        """);

    /// <summary>What a counter has. ARGV: epoch. Answers with the word epoch, or all fields.</summary>
    public static readonly RedisScript Look = new(
        """
        if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
          return 'epoch'
        end
        return redis.call('HGETALL', KEYS[2])
        """);

    /// <summary>Sets what the ledger has of a counter, unless somebody has, or ids came or went since it was looked at. ARGV: epoch, spent, version, when it may be forgotten. Answers with a word: done, again, epoch.</summary>
    public static readonly RedisScript Load = new(
        """
        if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
          return 'epoch'
        end
        local count = redis.call('HMGET', KEYS[2], 'spent', 'version')
        if count[1] then
          return 'done'
        end
        if (count[2] or '0') ~= ARGV[3] then
          return 'again'
        end
        redis.call('HSET', KEYS[2], 'spent', ARGV[2], 'epoch', ARGV[1])
        redis.call('HSET', KEYS[1], KEYS[2], ARGV[4])
        local now = redis.call('TIME')
        if now[2] % 200 == 0 then
          -- Counters of periods long over are not missed any more; a look now and then is enough.
          local all = redis.call('HGETALL', KEYS[1])
          for i = 1, #all, 2 do
            local ends = string.sub(all[i], 1, 1) == '{' and tonumber(all[i + 1]) or 0
            if ends > 0 and ends < tonumber(now[1]) then
              redis.call('HDEL', KEYS[1], all[i])
            end
          end
        end
        if ARGV[4] ~= '0' then
          redis.call('EXPIREAT', KEYS[2], ARGV[4])
        end
        return 'done'
        """);

    /// <summary>
    /// Takes over what became of requests. ARGV: epoch; of each change what it is, the counter's place in KEYS, the request, the
    /// amount, and when the counter may be forgotten. Settle: so much is held of it now. Drop: it never was. Restore: it is held,
    /// whatever Redis knows of it. Record: the ledger has it. Answers with a word: done, epoch.
    /// </summary>
    public static readonly RedisScript Change = new(
        """
        if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
          return 'epoch'
        end
        for i = 2, #ARGV, 5 do
          local kind, key, id, amount = ARGV[i], KEYS[tonumber(ARGV[i + 1])], ARGV[i + 2], ARGV[i + 3]
          local own = redis.call('HGET', key, id)
          local function hold(now)
            redis.call('HINCRBY', key, 'pending', string.format('%.0f', now - (own or 0)))
          end
          local function unread()
            redis.call('HDEL', key, 'spent')
            redis.call('HINCRBY', key, 'version', 1)
          end
          if kind == 'settle' then
            if own then
              hold(amount)
              redis.call('HSET', key, id, amount)
            end
          elseif kind == 'drop' then
            if own then
              hold(0)
              redis.call('HDEL', key, id)
            end
          elseif kind == 'restore' then
            hold(amount)
            redis.call('HSET', key, id, amount)
            if not own then
              unread()
            end
          elseif own then
            hold(0)
            redis.call('HDEL', key, id)
            if redis.call('HEXISTS', key, 'spent') == 1 then
              redis.call('HINCRBY', key, 'spent', amount)
            else
              redis.call('HINCRBY', key, 'version', 1)
            end
          else
            unread()
          end
          if ARGV[i + 4] ~= '0' then
            redis.call('EXPIREAT', key, ARGV[i + 4])
          end
        end
        return 'done'
        """);
}
