using System.Globalization;

namespace LlmOps.Tests.Redis;

/// <summary>A cluster of three nodes, started by the first test that asks for it.</summary>
public sealed class RedisCluster : IAsyncLifetime
{
    private static readonly (int First, int Last)[] Ranges = [(0, 5_460), (5_461, 10_922), (10_923, 16_383)];

    private readonly List<RedisServer> _nodes = [];
    private readonly List<RedisServer> _replicas = [];
    private List<int> _buses = [];

    /// <summary>Its nodes, each with a third of the slots.</summary>
    internal async Task<IReadOnlyList<RedisServer>> NodesAsync()
    {
        if (_nodes.Count == Ranges.Length)
        {
            return _nodes;
        }

        _buses = [.. Ranges.Select(_ => Ports.Free())];
        foreach (var bus in _buses)
        {
            _nodes.Add(await StartNodeAsync(bus));
        }

        foreach (var (node, index) in _nodes.Select((node, index) => (node, index)))
        {
            await node.CliAsync("CLUSTER", "ADDSLOTSRANGE", Text(Ranges[index].First), Text(Ranges[index].Last));
            await node.CliAsync("CLUSTER", "MEET", "127.0.0.1", Text(_nodes[0].Port), Text(_buses[0]));
        }

        foreach (var node in _nodes)
        {
            await Conditions.HoldsAsync(async () =>
                await node.CliAsync("CLUSTER", "INFO") is var info && info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_slots_ok:16384", StringComparison.Ordinal));
        }

        return _nodes;
    }

    /// <summary>A new replica of a node, when it has all of its data and the others know it.</summary>
    internal async Task<RedisServer> AddReplicaAsync(RedisServer primary)
    {
        var replica = await StartNodeAsync(Ports.Free());
        _replicas.Add(replica);
        var (primaryId, replicaId) = (await primary.CliAsync("CLUSTER", "MYID"), await replica.CliAsync("CLUSTER", "MYID"));
        await replica.CliAsync("CLUSTER", "MEET", "127.0.0.1", Text(_nodes[0].Port), Text(_buses[0]));
        await Conditions.HoldsAsync(async () => await replica.CliAsync("CLUSTER", "REPLICATE", primaryId) == "OK");
        await Conditions.HoldsAsync(async () => (await replica.CliAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal));
        foreach (var node in _nodes)
        {
            await Conditions.HoldsAsync(async () => (await node.CliAsync("CLUSTER", "NODES")).Split('\n').Any(line => line.StartsWith(replicaId, StringComparison.Ordinal) && line.Contains("slave " + primaryId, StringComparison.Ordinal)));
        }

        return replica;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes.Concat(_replicas))
        {
            await node.DisposeAsync();
        }
    }

    private static Task<RedisServer> StartNodeAsync(int bus) => RedisServer.StartAsync(
        "--cluster-enabled", "yes", "--cluster-port", Text(bus), "--cluster-node-timeout", "5000", "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
