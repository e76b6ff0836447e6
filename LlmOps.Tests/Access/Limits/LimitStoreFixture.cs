using System.Globalization;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Redis;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Limits in memory and in a real Redis, both with a clock that the test moves on.</summary>
public sealed class LimitStoreFixture : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private RedisServer? _server;
    private TestRedis? _redis;
    private RedisLeases? _leases;

    /// <summary>The stores that can be tested here.</summary>
    public static TheoryData<string> Names => RedisServer.Missing is null ? ["memory", "redis"] : ["memory"];

    internal RedisClient Redis => _redis!.Client;

    public async Task InitializeAsync()
    {
        if (RedisServer.Missing is null)
        {
            _server = await RedisServer.StartAsync();
            _redis = await TestRedis.ConnectAsync(_server.Address);
            _leases = new RedisLeases(Redis, TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger<RedisLeases>.Instance);
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            _leases!.Dispose();
            await _redis!.DisposeAsync();
            await _server.DisposeAsync();
        }
    }

    /// <summary>One of them, with nothing in it that belongs to the owner.</summary>
    internal ILimitStore Store(string name) => name == "memory" ? new MemoryLimits(_time) : new RedisLimits(Redis, _leases!);

    /// <summary>Time goes by. Redis has a clock of its own: there, what it has noted happened so long before.</summary>
    internal async Task AdvanceAsync(string store, TimeSpan by)
    {
        if (store == "memory")
        {
            _time.Advance(by);
            return;
        }

        const string Shift =
            """
            for _, key in ipairs(redis.call('KEYS', '{llmops:limits}:*')) do
              if redis.call('TYPE', key).ok == 'string' then
                local used, at = string.match(redis.call('GET', key), '^(%S+) (%S+)$')
                redis.call('SET', key, used .. ' ' .. string.format('%.0f', at - ARGV[1]), 'KEEPTTL')
              else
                for _, lease in ipairs(redis.call('ZRANGE', key, 0, -1)) do
                  redis.call('ZINCRBY', key, -ARGV[1], lease)
                end
              end
            end
            """;
        await Redis.ExecuteAsync("EVAL", [Shift, 0, by.Ticks / TimeSpan.TicksPerMicrosecond]);
    }

    /// <summary>What Redis has of the limits, by key.</summary>
    internal async Task<IReadOnlyList<string>> RedisKeysAsync(string owner) =>
        [.. (await Redis.ExecuteAsync("KEYS", [string.Create(CultureInfo.InvariantCulture, $"{{llmops:limits}}:{owner}:*")])).Items.ToArray().Select(key => key.Text)];
}
