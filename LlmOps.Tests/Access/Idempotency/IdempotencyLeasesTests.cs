using System.Globalization;
using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Leases in a real Redis, by a clock of the test's.</summary>
public sealed class IdempotencyLeasesTests : IAsyncLifetime
{
    private const string Name = "llmops:idempotency:1:x";

    private readonly ManualTime _time = new();
    private RedisServer _server = null!;
    private TestRedis _redis = null!;
    private IdempotencyLeases _leases = null!;

    public async Task InitializeAsync()
    {
        if (RedisServer.Missing is null)
        {
            _server = await RedisServer.StartAsync();
            _redis = await TestRedis.ConnectAsync(_server.Address);
            _leases = new IdempotencyLeases(_redis.Client, TimeSpan.FromSeconds(12), _time, NullLogger<IdempotencyLeases>.Instance);
        }
    }

    public async Task DisposeAsync()
    {
        if (_leases is not null)
        {
            _leases.Dispose();
            await _redis.DisposeAsync();
            await _server.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task WhatIsHeld_IsRenewed()
    {
        var lease = _leases.Next();
        await _server.CliAsync("SET", Name, lease, "PX", "2000");
        _leases.Hold(Name, lease);

        _time.Advance(TimeSpan.FromSeconds(4));

        await Conditions.HoldsAsync(async () => await LeftAsync() > 4000);
        (await _server.CliAsync("GET", Name)).ShouldBe(lease);
    }

    [RedisFact]
    public async Task WhatRedisHasLost_IsPutBack_WithAnEnd()
    {
        var lease = _leases.Next();
        _leases.Hold(Name, lease);

        _time.Advance(TimeSpan.FromSeconds(4));

        await Conditions.HoldsAsync(async () => await _server.CliAsync("GET", Name) == lease);
        (await LeftAsync()).ShouldBeInRange(1, 12_000);
    }

    [RedisFact]
    public async Task WhatIsAnothersByNow_StaysTheirs()
    {
        await _server.CliAsync("SET", Name, "theirs");
        var (mine, other) = (_leases.Next(), Name + "y");
        _leases.Hold(Name, mine);
        _leases.Hold(other, mine);

        // The other one shows when the round is over.
        _time.Advance(TimeSpan.FromSeconds(4));
        await Conditions.HoldsAsync(async () => await _server.CliAsync("EXISTS", other) == "1");
        await _leases.ReleaseAsync(Name);
        await _leases.ReleaseAsync(other);

        (await _server.CliAsync("GET", Name)).ShouldBe("theirs");
        (await _server.CliAsync("EXISTS", other)).ShouldBe("0");
    }

    private async Task<long> LeftAsync() => long.Parse(await _server.CliAsync("PTTL", Name), CultureInfo.InvariantCulture);
}
