using System.Collections.Concurrent;
using System.Globalization;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Caching;

/// <summary>Replicas that clear, and a Redis that forgets.</summary>
public sealed class CacheGenerationsTests : IAsyncLifetime
{
    private const string Hash = "llmops:cache:generations";
    private static readonly string ModelM = CacheGenerations.Scope("model", "m");

    private readonly List<Replica> _replicas = [];
    private RedisServer? _server;

    private RedisServer Server => _server!;

    public async Task InitializeAsync() => _server = RedisServer.Missing is null ? await RedisServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await (_server?.DisposeAsync() ?? default);
    }

    [RedisFact]
    public async Task Clearing_IsInEffectOnTheOtherReplica()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        var before = other.Of();

        (await one.Generations.ClearAsync(ModelM)).ShouldBe((ModelM, true));

        await AgreeAsync(one, other);
        other.Of().ShouldNotBe(before);
        other.Cleared.ShouldContain(ModelM);
        other.Of(model: "another").ShouldBe(before);
    }

    [RedisFact]
    public async Task ClearingsAtTheSameMoment_AreTwo()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await Task.WhenAll(one.Generations.ClearAsync(ModelM), other.Generations.ClearAsync(ModelM));
        await AgreeAsync(one, other);
        var before = await NumberAsync(ModelM);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => (number % 2 == 0 ? one : other).Generations.ClearAsync(ModelM)));

        await AgreeAsync(one, other);
        (await NumberAsync(ModelM)).ShouldBeGreaterThanOrEqualTo(before + 20);
    }

    [RedisFact]
    public async Task HashThatIsDeleted_IsGivenBack()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await one.Generations.ClearAsync(ModelM);
        await AgreeAsync(one, other);
        var cleared = one.Of();

        await Server.CliAsync("DEL", Hash);

        await Conditions.HoldsAsync(async () => await Server.CliAsync("HLEN", Hash) == "2");
        (await StartAsync()).Of().ShouldBe(cleared);
        one.Of().ShouldBe(cleared);
    }

    [RedisFact]
    public async Task HashThatIsReverted_IsRepaired()
    {
        var one = await StartAsync();
        await one.Generations.ClearAsync(ModelM);
        await one.Generations.ClearAsync(CacheGenerations.All);
        var (ofModel, ofAll) = (await NumberAsync(ModelM), await NumberAsync(CacheGenerations.All));

        await Server.CliAsync("HSET", Hash, ModelM, "5", CacheGenerations.All, "7");

        await Conditions.HoldsAsync(async () => (await NumberAsync(ModelM), await NumberAsync(CacheGenerations.All)) == (ofModel, ofAll));
    }

    [RedisFact]
    public async Task HashThatIsGone_WithAllWhoKnewIt_ClearsEverything()
    {
        var before = (await StartAsync()).Of();
        await EndAsync();
        await Server.CliAsync("DEL", Hash);

        (await StartAsync()).Of().ShouldNotBe(before);
    }

    [RedisFact]
    public async Task ClearingWhileRedisIsAway_IsToldWhenItIsBack()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        var before = other.Of();
        await Server.KillAsync();

        (await one.Generations.ClearAsync(ModelM)).ShouldBe((ModelM, false));

        one.Of().ShouldNotBe(before);
        one.Generations.Known.ShouldBeFalse();
        other.Of().ShouldBe(before);
        await Server.RestartAsync();
        await AgreeAsync(one, other);
        other.Of().ShouldNotBe(before);
        await Conditions.HoldsAsync(() => Task.FromResult(one.Generations.Known));
    }

    // A clock that is behind must not make a clearing look like an older one.
    [RedisFact]
    public async Task ClearingByAReplicaOfThePast_IsInEffect()
    {
        var one = await StartAsync();
        await Server.CliAsync("HSET", Hash, ModelM, "9000000000000", CacheGenerations.All, "9100000000000");

        await one.Generations.ClearAsync(ModelM);

        (await NumberAsync(ModelM)).ShouldBe(9_100_000_000_001);
    }

    [RedisTheory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("1e300")]
    [InlineData("inf")]
    [InlineData("-5")]
    [InlineData("0x10")]
    [InlineData("99999999999999999999")]
    public async Task NumberThatCannotBeRead_CountsAsAClearing(string text)
    {
        await Server.CliAsync("HSET", Hash, ModelM, text, CacheGenerations.All, "7");
        var one = await StartAsync();

        one.Of().ShouldNotBe("7");
        await Conditions.HoldsAsync(async () => long.TryParse(await Server.CliAsync("HGET", Hash, ModelM), out var number) && number > 1_000_000_000_000 && number < 10_000_000_000_000);
        (await StartAsync()).Of().ShouldBe(one.Of());

        // Where it is known here, nothing is lost.
        var (known, numbers) = (one.Of(), await Server.CliAsync("HGETALL", Hash));
        await Server.CliAsync("HSET", Hash, ModelM, text, CacheGenerations.All, text);
        await Conditions.HoldsAsync(async () => await Server.CliAsync("HGETALL", Hash) == numbers);
        one.Of().ShouldBe(known);
    }

    [RedisFact]
    public async Task NumbersThatCannotBeReadAtAll_AreToldOnce()
    {
        await Server.CliAsync("SET", Hash, "not a hash");
        var one = Add();

        await one.Redis.Logs.FirstAsync(log => log.Message.StartsWith("Redis is not asked", StringComparison.Ordinal));

        one.Generations.Known.ShouldBeFalse();
        await Server.CliAsync("DEL", Hash);
        await Conditions.HoldsAsync(() => Task.FromResult(one.Generations.Known));
        one.Redis.Lines.Count(line => line.Contains("is not asked", StringComparison.Ordinal)).ShouldBe(1);
    }

    [RedisFact]
    public async Task OneScopeTooMany_ClearsEverything()
    {
        await FillAsync(CacheGenerations.MostScopes - 1, "1");
        await Server.CliAsync("HSET", Hash, CacheGenerations.All, "7");
        var one = await StartAsync();
        var before = one.Of();

        (await one.Generations.ClearAsync(ModelM)).ShouldBe((CacheGenerations.All, true));

        one.Of().ShouldNotBe(before);
        (await Server.CliAsync("HLEN", Hash)).ShouldBe($"{CacheGenerations.MostScopes}");
        (await one.Generations.ClearAsync("model:1")).ShouldBe(("model:1", true));
    }

    [RedisFact]
    public async Task MoreScopesThanAreKept_ClearEverythingOnce()
    {
        await FillAsync(CacheGenerations.MostScopes + 500, "1000");
        var one = await StartAsync();
        var other = await StartAsync();
        await AgreeAsync(one, other);
        var before = one.Of();

        // One of them is cleared by a replica that keeps others.
        await Server.CliAsync("HSET", Hash, "model:1", "9000000000000", $"model:{CacheGenerations.MostScopes + 500}", "9000000000000", "model:new", "9000000000000");

        await Conditions.HoldsAsync(async () => await NumberAsync(CacheGenerations.All) == 9_000_000_000_000);
        await AgreeAsync(one, other);
        one.Of().ShouldNotBe(before);

        // Not kept either, and read by nobody: it is repaired, so that it counts but once.
        var after = one.Of();
        await Server.CliAsync("HSET", Hash, ModelM, "nonsense");
        await Conditions.HoldsAsync(async () => await Server.CliAsync("HGET", Hash, ModelM) != "nonsense");
        await Conditions.HoldsAsync(() => Task.FromResult(one.Of() != after));
        await AgreeAsync(one, other);
        (await NumberAsync(CacheGenerations.All)).ShouldBeInRange(9_000_000_000_001, 9_000_000_000_002);
    }

    private async Task<Replica> StartAsync()
    {
        var replica = Add();
        await Conditions.HoldsAsync(() => Task.FromResult(replica.Generations.Known));
        return replica;
    }

    private Replica Add()
    {
        var replica = new Replica(Server.Address);
        _replicas.Add(replica);
        return replica;
    }

    private async Task EndAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        _replicas.Clear();
    }

    private Task<string> FillAsync(int scopes, string number) =>
        Server.CliAsync("EVAL", "for scope = 1, tonumber(ARGV[1]) do redis.call('HSET', KEYS[1], 'model:' .. scope, ARGV[2]) end", "1", Hash, $"{scopes}", number);

    private async Task<long> NumberAsync(string scope) => long.Parse(await Server.CliAsync("HGET", Hash, scope), CultureInfo.InvariantCulture);

    private static Task AgreeAsync(Replica one, Replica other) => Conditions.HoldsAsync(() => Task.FromResult(one.Of() == other.Of()));

    private sealed class Replica : IAsyncDisposable
    {
        private readonly LoggerFactory _loggers;

        public Replica(string address)
        {
            Redis = new TestRedis(address);
            _loggers = new LoggerFactory([Redis.Logs]);
            Generations = new CacheGenerations(Redis.Client, TimeProvider.System, _loggers.CreateLogger<CacheGenerations>());
            Generations.Cleared += scope => Cleared.Enqueue(scope);
            _ = Generations.StartAsync(CancellationToken.None);
        }

        public TestRedis Redis { get; }

        public CacheGenerations Generations { get; }

        public ConcurrentQueue<string> Cleared { get; } = new();

        public string Of(string model = "m") => Generations.Of("tenant", model, null);

        public async ValueTask DisposeAsync()
        {
            await Generations.StopAsync(CancellationToken.None);
            Generations.Dispose();
            await Redis.DisposeAsync();
            _loggers.Dispose();
        }
    }
}
