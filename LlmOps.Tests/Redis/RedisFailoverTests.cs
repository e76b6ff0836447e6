using System.Collections.Concurrent;
using System.Globalization;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

/// <summary>Primaries that another server takes the place of while they are in use.</summary>
public sealed class RedisFailoverTests(RedisCluster cluster) : IClassFixture<RedisCluster>
{
    [RedisTheory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task DemotedPrimary_IsLeftForTheNewOne(string protocol)
    {
        await using var old = await RedisServer.StartAsync();
        await using var promoted = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync($"{old.Address},{promoted.Address},protocol={protocol}", options => options with { MaxConnections = 2 });
        (await redis.TextAsync("SET", "k", "old")).ShouldBe("OK");
        await Conditions.HoldsAsync(async () => (await old.CliAsync("CLIENT", "LIST")).Split("name=llmops-gateway ").Length - 1 == 2);
        await old.CliAsync("REPLICAOF", "127.0.0.1", promoted.Port.ToString(CultureInfo.InvariantCulture));

        var failure = await redis.FailureAsync("SET", "k", "lost");

        (failure.Reason, failure.MayHaveRun, failure.Code).ShouldBe((RedisFailure.Unavailable, false, "READONLY"));
        await Conditions.HoldsAsync(async () => await TryAsync(redis, "SET", "k", "new"));
        (await promoted.CliAsync("GET", "k")).ShouldBe("new");
        await Conditions.HoldsAsync(async () => (await promoted.CliAsync("CLIENT", "LIST")).Split("name=llmops-gateway ").Length - 1 == 2);
        (await old.CliAsync("CLIENT", "LIST")).ShouldNotContain("name=llmops-gateway ");
        redis.Lines.ShouldContain(line => line.StartsWith($"W Redis at {old.Address} is not available: it is a replica", StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task ScriptOnADemotedPrimary_HasNotRun()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);
        var script = new RedisScript("return redis.call('INCR', KEYS[1])");
        await server.CliAsync("REPLICAOF", "127.0.0.1", $"{Ports.Free()}");

        var failure = await Should.ThrowAsync<RedisException>(async () => await redis.Client.EvaluateAsync(script, ["k"], []));

        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, false));

        // There is no other; it is used again when it takes writes again.
        await redis.DownAsync("it is a replica, which takes no writes");
        await server.CliAsync("REPLICAOF", "NO", "ONE");
        await redis.AvailableAsync();
        (await redis.Client.EvaluateAsync(script, ["k"], [])).Integer.ShouldBe(1);
    }

    // The first is the one that the connection string names.
    [RedisTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task KilledPrimary_IsReplacedByItsReplica(int killed)
    {
        var nodes = await cluster.NodesAsync();
        var replica = await cluster.AddReplicaAsync(nodes[killed]);
        await using var redis = await TestRedis.ConnectAsync(nodes[0].Address, options => options with { CallTimeout = TimeSpan.FromSeconds(1) });
        await AllUpAsync(redis);
        await using var load = new Load(redis);
        await load.AllKeysAnswerAsync();

        await nodes[killed].KillAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(!load.Failures.IsEmpty));
        await replica.CliAsync("CLUSTER", "FAILOVER", "TAKEOVER");

        await load.AllKeysAnswerAsync();
        await AllUpAsync(redis);
        redis.Client.Servers.ShouldContain(server => server.Address.Port == replica.Port);
        load.Failures.ShouldAllBe(failure => failure.Reason == RedisFailure.Unavailable || failure.Reason == RedisFailure.Deadline);

        // What was a primary comes back as a replica.
        await nodes[killed].RestartAsync();
        await Conditions.HoldsAsync(async () => (await nodes[killed].CliAsync("ROLE")).StartsWith("slave", StringComparison.Ordinal));
        await load.AllKeysAnswerAsync();
    }

    [RedisFact]
    public async Task PrimaryThatHandsOver_IsLeftWithoutAFailure()
    {
        var nodes = await cluster.NodesAsync();
        var replica = await cluster.AddReplicaAsync(nodes[2]);
        await using var redis = await TestRedis.ConnectAsync(nodes[2].Address);
        await AllUpAsync(redis);
        await using var load = new Load(redis);
        await load.AllKeysAnswerAsync();

        await replica.CliAsync("CLUSTER", "FAILOVER");

        await Conditions.HoldsAsync(() => Task.FromResult(redis.Client.Servers.Any(server => server.Address.Port == replica.Port)));
        await load.AllKeysAnswerAsync();
        await AllUpAsync(redis);
        redis.Client.Servers.ShouldNotContain(server => server.Address.Port == nodes[2].Port);
        load.Failures.Select(failure => failure.Message).ShouldBeEmpty();
    }

    private static Task AllUpAsync(TestRedis redis) =>
        Conditions.HoldsAsync(() => Task.FromResult(redis.Client.Servers.Count == 3 && redis.Client.Servers.All(server => server.Fault is null)));

    private static async Task<bool> TryAsync(TestRedis redis, string command, params RedisArgument[] arguments)
    {
        try
        {
            await redis.Client.ExecuteAsync(command, arguments);
            return true;
        }
        catch (RedisException exception)
        {
            exception.Reason.ShouldBe(RedisFailure.Unavailable);
            return false;
        }
    }

    /// <summary>Callers who write and read keys of all nodes without a pause.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private const int Callers = 16;
        private const int Keys = 20;

        private readonly CancellationTokenSource _stop = new();
        private readonly int[] _answered = new int[Callers * Keys];
        private readonly Task _calls;

        public Load(TestRedis redis) => _calls = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(redis, caller))));

        public ConcurrentQueue<RedisException> Failures { get; } = new();

        /// <summary>Waits until each key was written and read once more.</summary>
        public async Task AllKeysAnswerAsync()
        {
            var before = _answered.ToArray();
            await Conditions.HoldsAsync(() => Task.FromResult(_calls.IsCompleted || _answered.Zip(before, (now, then) => now > then).All(more => more)));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _calls;
            _stop.Dispose();
        }

        private async Task CallAsync(TestRedis redis, int caller)
        {
            for (var number = 0; !_stop.IsCancellationRequested; number++)
            {
                var index = (caller * Keys) + (number % Keys);
                var key = RedisArgument.Key($"key {index}");
                try
                {
                    await redis.Client.ExecuteAsync("SET", [key, number]);
                    (await redis.Client.ExecuteAsync("GET", [key])).Integer.ShouldBe(number);
                    Interlocked.Increment(ref _answered[index]);
                }
                catch (RedisException failure)
                {
                    Failures.Enqueue(failure);
                    await Task.Yield();
                }
            }
        }
    }
}
