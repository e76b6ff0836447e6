using BenchmarkDotNet.Attributes;
using LlmOps.Gateway.Access.Limits;

namespace LlmOps.Benchmarks.Micro;

/// <summary>What a request with three limits, of requests, tokens and places, costs in memory: taking them twice, and settling.</summary>
[MemoryDiagnoser]
public class LimitBenchmarks
{
    private static readonly Limit Requests = new("key:key_0198f3a27c5d7e1b9a4c2f6d8e0b1a35", LimitUnit.Requests, 1_000_000_000, TimeSpan.FromMinutes(1));
    private static readonly Limit Tokens = Requests with { Unit = LimitUnit.Tokens, Capacity = 1_000_000_000_000 };
    private static readonly Limit Places = Requests with { Unit = LimitUnit.Places, Capacity = 1_000, Window = TimeSpan.Zero };

    private readonly MemoryLimits _limits = new(TimeProvider.System);

    [Benchmark]
    public async ValueTask<long> Request()
    {
        var entered = new LimitTaking();
        entered.Add(Requests, 1);
        entered.Add(Places, 1);
        await _limits.TakeAsync(entered);
        var reserved = new LimitTaking();
        reserved.Add(Tokens, 1_000);
        await _limits.TakeAsync(reserved);
        entered.Change(giveRequestsBack: false, tokens: 29);
        await _limits.SettleAsync(entered);
        reserved.Change(giveRequestsBack: false, tokens: 29);
        await _limits.SettleAsync(reserved);
        return reserved.Shares[0].Change;
    }
}
