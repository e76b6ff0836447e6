using System.Globalization;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>The numbers of what was cleared, as all replicas share them in Redis: the fields of one hash.</summary>
internal sealed class RedisGenerations(IRedis redis)
{
    private const string Hash = "llmops:cache:generations";

    // The numbers of one script, which keeps Redis from all else for so long.
    private const int MostAtOnce = 1_000;

    // Lua's numbers are exact up to here and a little further; the time in milliseconds has 13 digits.
    private const int MostDigits = 15;

    // ARGV: 1 for a clearing and 0 for giving back, then scopes and own numbers. A clearing is another one than all before, also
    // of a replica whose clock is behind, and of everything.
    private static readonly RedisScript Merge = new(
        $$"""
        local function number(scope)
          local text = redis.call('HGET', KEYS[1], scope)
          return text and #text <= {{MostDigits}} and string.find(text, '^%d+$') and tonumber(text) or 0, text
        end
        local merged = {}
        for index = 2, #ARGV, 2 do
          local known, text = number(ARGV[index])
          if ARGV[1] == '1' then
            known = math.max(known, (number('{{CacheGenerations.All}}'))) + 1
          end
          local larger = string.format('%.0f', math.max(known, tonumber(ARGV[index + 1])))
          if larger ~= text then
            redis.call('HSET', KEYS[1], ARGV[index], larger)
          end
          merged[#merged + 1] = larger
        end
        return merged
        """);

    /// <summary>All numbers by their scopes; null for one that cannot be read.</summary>
    /// <exception cref="RedisException">Redis does not say.</exception>
    public async Task<Dictionary<string, long?>> ReadAsync()
    {
        var fields = (await redis.ExecuteAsync("HGETALL", [RedisArgument.Key(Hash)])).Items.ToArray();
        var numbers = new Dictionary<string, long?>(fields.Length / 2);
        for (var index = 0; index + 1 < fields.Length; index += 2)
        {
            numbers[fields[index].Text] = NumberOf(fields[index + 1].Bytes.Span);
        }

        return numbers;
    }

    /// <summary>Gives numbers to Redis, of which the larger holds; a clearing's becomes larger than all before.</summary>
    /// <returns>Those that Redis has now.</returns>
    /// <exception cref="RedisException">Redis may not have all of them.</exception>
    public async Task<List<KeyValuePair<string, long>>> MergeAsync(IEnumerable<KeyValuePair<string, long>> numbers, bool isClearing)
    {
        var merged = new List<KeyValuePair<string, long>>();
        foreach (var some in numbers.Chunk(MostAtOnce))
        {
            RedisArgument[] arguments = [isClearing ? 1 : 0, .. some.SelectMany(number => new RedisArgument[] { number.Key, number.Value })];
            var larger = (await redis.EvaluateAsync(Merge, [Hash], arguments)).Items.ToArray();
            merged.AddRange(some.Zip(larger, (number, now) => KeyValuePair.Create(number.Key, now.Integer)));
        }

        return merged;
    }

    private static long? NumberOf(ReadOnlySpan<byte> text) =>
        text.Length <= MostDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
