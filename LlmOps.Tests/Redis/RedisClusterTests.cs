using System.Globalization;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

public sealed class RedisClusterTests(RedisCluster cluster) : IClassFixture<RedisCluster>
{
    // RESP2's log-in does not say that there is a cluster: then the first redirection does.
    [RedisTheory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Keys_GoToTheirNodes(string protocol)
    {
        var nodes = await cluster.NodesAsync();
        await using var redis = await TestRedis.ConnectAsync($"{nodes[1].Address},protocol={protocol}");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(async number =>
        {
            (await redis.TextAsync("SET", RedisArgument.Key($"{protocol}:{number}"), number)).ShouldBe("OK");
            (await redis.TextAsync("GET", RedisArgument.Key($"{protocol}:{number}"))).ShouldBe($"{number}");
        }));

        await Conditions.HoldsAsync(() => Task.FromResult(redis.Client.Servers.Count == 3 && redis.Client.Servers.All(server => server.Fault is null)));
        foreach (var node in nodes)
        {
            int.Parse(await node.CliAsync("DBSIZE"), CultureInfo.InvariantCulture).ShouldBeGreaterThan(100);
        }
    }

    [RedisFact]
    public async Task OnceTheMapIsKnown_NothingIsRedirected()
    {
        var nodes = await cluster.NodesAsync();
        await using var redis = await TestRedis.ConnectAsync(nodes[0].Address);
        await Conditions.HoldsAsync(() => Task.FromResult(redis.Client.Servers.Count == 3 && redis.Client.Servers.All(server => server.Fault is null)));
        await Task.WhenAll(nodes.Select(node => node.CliAsync("CONFIG", "RESETSTAT")));

        for (var number = 0; number < 100; number++)
        {
            await redis.Client.ExecuteAsync("GET", [RedisArgument.Key($"map:{number}")]);
        }

        foreach (var node in nodes)
        {
            (await node.CliAsync("INFO", "errorstats")).ShouldNotContain("MOVED");
        }
    }

    [RedisFact]
    public async Task Script_RunsWhereItsFirstKeyIs()
    {
        var nodes = await cluster.NodesAsync();
        await using var redis = await TestRedis.ConnectAsync(string.Join(',', nodes.Select(node => node.Address)));
        var script = new RedisScript("redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[2])");

        for (var number = 0; number < 50; number++)
        {
            (await redis.Client.EvaluateAsync(script, [$"{{tag {number}}}:a", $"{{tag {number}}}:b"], [])).Integer.ShouldBe(1);
        }

        (await Should.ThrowAsync<RedisException>(async () => await redis.Client.EvaluateAsync(script, ["a", "b"], []))).Code.ShouldBe("CROSSSLOT");
    }

    [RedisFact]
    public async Task SlotThatMoves_IsFollowed()
    {
        var nodes = await cluster.NodesAsync();
        await using var redis = await TestRedis.ConnectAsync(nodes[0].Address);

        // "foo" is in slot 12182, of the third node.
        var (from, to) = (nodes[2], nodes[1]);
        var (fromId, toId) = (await from.CliAsync("CLUSTER", "MYID"), await to.CliAsync("CLUSTER", "MYID"));
        await redis.Client.ExecuteAsync("SET", [RedisArgument.Key("{foo}:stays"), "old"]);
        await to.CliAsync("CLUSTER", "SETSLOT", "12182", "IMPORTING", fromId);
        await from.CliAsync("CLUSTER", "SETSLOT", "12182", "MIGRATING", toId);

        // ASK: what is not there any more, is there already.
        await redis.Client.ExecuteAsync("SET", [RedisArgument.Key("{foo}:new"), "value"]);
        (await redis.TextAsync("GET", RedisArgument.Key("{foo}:new"))).ShouldBe("value");
        (await redis.TextAsync("GET", RedisArgument.Key("{foo}:stays"))).ShouldBe("old");
        (await to.CliAsync("CLUSTER", "COUNTKEYSINSLOT", "12182")).ShouldBe("1");
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            await redis.Client.ExecuteAsync("SET", [RedisArgument.Key($"{{foo}}:{number}"), number]);
            (await redis.TextAsync("GET", RedisArgument.Key($"{{foo}}:{number}"))).ShouldBe($"{number}");
        }));

        // MOVED: all of it is there.
        await from.CliAsync("MIGRATE", "127.0.0.1", to.Port.ToString(CultureInfo.InvariantCulture), "{foo}:stays", "0", "5000");
        await to.CliAsync("CLUSTER", "SETSLOT", "12182", "NODE", toId);
        await from.CliAsync("CLUSTER", "SETSLOT", "12182", "NODE", toId);
        (await redis.TextAsync("GET", RedisArgument.Key("{foo}:stays"))).ShouldBe("old");
    }

    [RedisFact]
    public async Task NodeThatDies_TakesItsKeysAlone()
    {
        var nodes = await cluster.NodesAsync();
        await using var redis = await TestRedis.ConnectAsync(nodes[0].Address);
        await Conditions.HoldsAsync(() => Task.FromResult(redis.Client.Servers.Count == 3 && redis.Client.Servers.All(server => server.Fault is null)));
        var listened = 0;
        using var subscription = redis.Client.Subscribe("c", _ => { }, () => Interlocked.Increment(ref listened));
        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref listened) == 1));

        // The very one that the connection string names, with the slot of "bar": 5061.
        await nodes[0].KillAsync();

        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref listened) == 2));
        (await redis.FailureAsync("GET", RedisArgument.Key("bar"))).Reason.ShouldBe(RedisFailure.Unavailable);
        await redis.Client.ExecuteAsync("GET", [RedisArgument.Key("{123456789}")]);
        redis.Client.IsAvailable.ShouldBeTrue();
        redis.Client.Servers.Count(server => server.Fault is not null).ShouldBe(1);

        await nodes[0].RestartAsync();
        await Conditions.HoldsAsync(async () =>
        {
            try
            {
                return (await redis.Client.ExecuteAsync("GET", [RedisArgument.Key("bar")])).IsNull;
            }
            catch (RedisException)
            {
                return false;
            }
        });
    }

    [RedisFact]
    public async Task DatabaseOfACluster_IsToldToBeZero()
    {
        var nodes = await cluster.NodesAsync();
        await using var redis = new TestRedis($"redis://{nodes[0].Address}/1");

        await redis.DownAsync("a cluster has only database 0");
    }
}
