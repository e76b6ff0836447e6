using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Storage;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>The counters of one process.</summary>
public sealed class MemoryBudgetsTests
{
    private readonly BudgetCounter _tenant = SimulatedLedger.Counter(HolderKind.Tenant, "acme");
    private readonly BudgetCounter _key = SimulatedLedger.Counter(HolderKind.Key, "one");

    [Fact]
    public async Task WhatTheLedgerHas_IsAskedOnce_HoweverManyWait()
    {
        var (asked, answer) = (0, new TaskCompletionSource<NanoUsd>());
        var budgets = new MemoryBudgets((_, _) =>
        {
            asked++;
            return answer.Task;
        });
        var reservations = Enumerable.Range(0, 10).Select(_ => SimulatedLedger.Reservation(100, _key)).ToList();
        var taken = reservations.Select(reservation => budgets.ReserveAsync(reservation, new NanoUsd(20)).AsTask()).ToList();

        answer.SetResult(new NanoUsd(40));

        (await Task.WhenAll(taken)).Count(full => full is null).ShouldBe(3);
        asked.ShouldBe(1);
        budgets.Look(_key).ShouldBe((new NanoUsd(40), new NanoUsd(60)));
    }

    [Fact]
    public async Task LedgerThatCannotBeAsked_IsAskedAgainByTheNext()
    {
        var ledger = new SimulatedLedger { Fault = new DatabaseException("away") };
        var budgets = new MemoryBudgets(ledger.SpentAsync);
        var reservation = SimulatedLedger.Reservation(100, _key);

        await Should.ThrowAsync<DatabaseException>(async () => await budgets.ReserveAsync(reservation, new NanoUsd(1)));
        ledger.Fault = null;

        (await budgets.ReserveAsync(reservation, new NanoUsd(1))).ShouldBeNull();
    }

    [Fact]
    public void TimeToTellRedisWhatIsHeld_IsWhatFindingItAgainTakes()
    {
        var options = new LlmOps.Gateway.Redis.RedisOptions { MaxBackoff = TimeSpan.FromSeconds(30), ConnectTimeout = TimeSpan.FromSeconds(5) };

        HeldAmountsTelling.GraceOf(options).ShouldBeGreaterThan(TimeSpan.FromSeconds(36));
        HeldAmountsTelling.GraceOf(new()).ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task WhereOneBudgetIsFull_NothingIsHeldInTheOthers()
    {
        var budgets = new MemoryBudgets(new SimulatedLedger().SpentAsync);
        var reservation = new BudgetReservation(Guid.NewGuid(), [new BudgetShare(_tenant, new NanoUsd(100)), new BudgetShare(_key, new NanoUsd(10))], new NanoUsd(0)) { Extend = (_, _) => default };

        (await budgets.ReserveAsync(reservation, new NanoUsd(11)))!.Counter.ShouldBe(_key);

        budgets.Look(_tenant).ShouldBe((new NanoUsd(0), new NanoUsd(0)));
        (await budgets.ReserveAsync(reservation, new NanoUsd(10))).ShouldBeNull();
        budgets.Settle(reservation, new NanoUsd(12));
        budgets.Look(_key).ShouldBe((new NanoUsd(12), new NanoUsd(0)));
        budgets.Look(_tenant).ShouldBe((new NanoUsd(12), new NanoUsd(0)));
    }
}
