using System.Globalization;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Places in Redis: they stay as long as they are renewed, and come back where nobody renews them.</summary>
public sealed class RedisLeasesTests : IAsyncLifetime
{
    private static readonly Limit Place = new("key:a", LimitUnit.Places, 1, TimeSpan.Zero);
    private const string Key = "{llmops:limits}:key:a:places:0";

    private readonly ManualTime _time = new();
    private RedisServer? _server;
    private TestRedis? _redis;

    public async Task InitializeAsync()
    {
        if (RedisServer.Missing is null)
        {
            _server = await RedisServer.StartAsync();
            _redis = await TestRedis.ConnectAsync(_server.Address);
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _redis!.DisposeAsync();
            await _server.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task PlaceOfAReplicaThatIsGone_ComesBack()
    {
        using var others = Leases(TimeSpan.FromMinutes(1));
        using (var gone = Leases(TimeSpan.FromMilliseconds(300)))
        {
            await new RedisLimits(_redis!.Client, gone).TakeAsync(LimitTaking.Of(Place));
        }

        await Conditions.HoldsAsync(async () => await new RedisLimits(_redis.Client, others).TakeAsync(LimitTaking.Of(Place)) is null);
    }

    [RedisFact]
    public async Task PlaceThatIsHeld_IsRenewed_AndPutBackWhereRedisLostIt()
    {
        using var leases = Leases(TimeSpan.FromSeconds(60));
        var limits = new RedisLimits(_redis!.Client, leases);
        var taking = LimitTaking.Of(Place);
        await limits.TakeAsync(taking);
        var first = await EndAsync(taking);

        _time.Advance(TimeSpan.FromSeconds(20));
        await Conditions.HoldsAsync(async () => await EndAsync(taking) > first);
        await _server!.CliAsync("FLUSHALL");
        _time.Advance(TimeSpan.FromSeconds(20));
        await Conditions.HoldsAsync(async () => await EndAsync(taking) > first);

        taking.Change(giveRequestsBack: false, tokens: 0);
        await limits.SettleAsync(taking);
        (await _server.CliAsync("EXISTS", Key)).ShouldBe("0");
    }

    [RedisFact]
    public async Task PlaceThatIsGivenBackWhileItIsRenewed_StaysFree()
    {
        using var leases = Leases(TimeSpan.FromSeconds(60));
        var limits = new RedisLimits(_redis!.Client, leases);
        var taking = LimitTaking.Of(Place);
        await limits.TakeAsync(taking);

        _server!.Suspend();
        _time.Advance(TimeSpan.FromSeconds(20));
        taking.Change(giveRequestsBack: false, tokens: 0);
        var settled = limits.SettleAsync(taking).AsTask();
        _server.Resume();
        await settled;

        await Conditions.HoldsAsync(async () => await _server.CliAsync("EXISTS", Key) == "0");
    }

    private async Task<double> EndAsync(LimitTaking taking) =>
        await _server!.CliAsync("ZSCORE", Key, taking.Lease!) is { Length: > 0 } score ? double.Parse(score, CultureInfo.InvariantCulture) : 0;

    private RedisLeases Leases(TimeSpan duration) => new(_redis!.Client, duration, _time, NullLogger<RedisLeases>.Instance);
}
