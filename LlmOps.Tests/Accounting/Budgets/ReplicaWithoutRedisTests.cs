using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>A replica that goes on by itself when Redis goes away.</summary>
public sealed class ReplicaWithoutRedisTests
{
    [RedisFact]
    public async Task RequestWhoseFurtherCallCouldNotBeCounted_IsSettledAllTheSame()
    {
        var (tenant, key) = (SimulatedLedger.Counter(HolderKind.Tenant, "acme"), SimulatedLedger.Counter(HolderKind.Key, "one"));
        var ledger = new SimulatedLedger();
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);
        using var held = new HeldAmounts();
        using var telling = new HeldAmountsTelling(held, redis.Client, TimeProvider.System, NullLogger<HeldAmountsTelling>.Instance) { Grace = TimeSpan.Zero };
        var budgets = new RedisBudgets(redis.Client, held, telling, ledger.SpentAsync, () => BudgetsWithoutRedis.PerReplica, NullLogger<RedisBudgets>.Instance);
        var reservation = SimulatedLedger.Reservation(100, tenant, key);
        (await budgets.ReserveAsync(reservation, new NanoUsd(10))).ShouldBeNull();

        await server.KillAsync();
        ledger.Fault = new DatabaseException("away");
        await Should.ThrowAsync<DatabaseException>(async () => await budgets.ReserveAsync(reservation, new NanoUsd(20)));

        Should.NotThrow(() => budgets.Settle(reservation, new NanoUsd(7)));
        held.Of(reservation).Amount.ShouldBe(7);
    }
}
