using LlmOps.Gateway.Access.Limits;

namespace LlmOps.Tests.Access.Limits;

/// <summary>What holds of limits wherever they are kept.</summary>
public sealed class LimitStoreTests(LimitStoreFixture stores) : IClassFixture<LimitStoreFixture>
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static TheoryData<string> Stores => LimitStoreFixture.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Capacity_CanBeTakenAtOnce_AndNotOneMore(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(10);

        for (var taken = 1; taken <= 10; taken++)
        {
            (await TakeAsync(store, limit)).ShouldBeNull();
        }

        var refusal = (await TakeAsync(store, limit)).ShouldNotBeNull();
        refusal.Limit.ShouldBe(limit);
        refusal.IsTooLarge.ShouldBeFalse();
        refusal.Used.ShouldBe(10, 0.1);
        refusal.Wait!.Value.TotalMinutes.ShouldBe(6, 0.1);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task WhatWasTaken_ComesBackEvenly(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(10);
        await TakeAsync(store, limit, 10);

        await stores.AdvanceAsync(name, TimeSpan.FromMinutes(5.8));
        (await TakeAsync(store, limit)).ShouldNotBeNull();
        await stores.AdvanceAsync(name, TimeSpan.FromMinutes(0.2));
        (await TakeAsync(store, limit)).ShouldBeNull();
        (await TakeAsync(store, limit)).ShouldNotBeNull();

        // Never more than the capacity, however long nobody asks.
        await stores.AdvanceAsync(name, 10 * Hour);
        (await TakeAsync(store, limit, 10)).ShouldBeNull();
        (await TakeAsync(store, limit)).ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task WaitOfARefusal_IsLongEnough(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(7);
        await TakeAsync(store, limit, 7);
        await stores.AdvanceAsync(name, TimeSpan.FromMinutes(1));

        var refusal = (await TakeAsync(store, limit, 3)).ShouldNotBeNull();
        await stores.AdvanceAsync(name, refusal.Wait!.Value);

        (await TakeAsync(store, limit, 3)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task WhereOneLimitIsUsedUp_NothingIsTakenOfTheOthers(string name)
    {
        var store = stores.Store(name);
        var (wide, narrow, places) = (NewLimit(5), NewLimit(1), NewPlaces(5));
        var taking = new LimitTaking();
        taking.Add(wide, 1);
        taking.Add(narrow, 1);
        taking.Add(places, 1);
        (await store.TakeAsync(taking)).ShouldBeNull();

        for (var tries = 0; tries < 10; tries++)
        {
            var again = new LimitTaking();
            again.Add(wide, 1);
            again.Add(narrow, 1);
            again.Add(places, 1);
            (await store.TakeAsync(again)).ShouldNotBeNull().Limit.ShouldBe(narrow);
            again.Store.ShouldBeNull();
        }

        (await TakeAsync(store, wide, 4)).ShouldBeNull();
        (await TakeAsync(store, places, 4)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task OfSeveralUsedUpLimits_TheOneThatTakesLongestIsTold(string name)
    {
        var store = stores.Store(name);
        var (hourly, daily) = (NewLimit(1), NewLimit(1) with { Window = TimeSpan.FromDays(1) });
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await TakeAsync(store, hourly);
            await TakeAsync(store, daily);
        }

        var taking = new LimitTaking();
        taking.Add(hourly, 1);
        taking.Add(daily, 1);

        (await store.TakeAsync(taking)).ShouldNotBeNull().Limit.ShouldBe(daily);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task MoreThanTheCapacity_NeverFits_AndSaysSo(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(100) with { Unit = LimitUnit.Tokens };

        var refusal = (await TakeAsync(store, limit, 101)).ShouldNotBeNull();

        refusal.IsTooLarge.ShouldBeTrue();
        refusal.Wait.ShouldBeNull();
        (await TakeAsync(store, limit, 100)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Settled_WhatWasNotUsedIsThereAgain(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(100) with { Unit = LimitUnit.Tokens };
        var taking = LimitTaking.Of(limit, 90);
        await store.TakeAsync(taking);

        taking.Change(giveRequestsBack: false, tokens: 20).ShouldBeTrue();
        await store.SettleAsync(taking);

        taking.Shares[0].Used.ShouldBe(20, 0.5);
        (await TakeAsync(store, limit, 81)).ShouldNotBeNull();
        (await TakeAsync(store, limit, 80)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task MoreThanMustBeThere_IsTakenAsFarAsThereIsRoom(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(100) with { Unit = LimitUnit.Tokens };
        async Task<(LimitRefusal? Refusal, LimitTaking Taking)> TakeUpToAsync(long least, long most)
        {
            var taking = new LimitTaking();
            taking.Add(limit, least, most);
            return (await store.TakeAsync(taking), taking);
        }

        var (_, some) = await TakeUpToAsync(10, 60);
        var (_, rest) = await TakeUpToAsync(10, 1_000);
        var (refusal, _) = await TakeUpToAsync(10, 1_000);

        (some.Shares[0].Amount, rest.Shares[0].Amount).ShouldBe((60, 40));
        refusal.ShouldNotBeNull().Amount.ShouldBe(10);
        rest.Change(giveRequestsBack: false, tokens: 5);
        await store.SettleAsync(rest);
        var (_, again) = await TakeUpToAsync(10, 1_000);
        again.Shares[0].Amount.ShouldBe(35);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Settled_AboveTheReservation_IsADebtThatTimePaysBack(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(100) with { Unit = LimitUnit.Tokens };
        var taking = LimitTaking.Of(limit, 90);
        await store.TakeAsync(taking);

        taking.Change(giveRequestsBack: false, tokens: 250);
        await store.SettleAsync(taking);

        (await TakeAsync(store, limit)).ShouldNotBeNull().Wait!.Value.TotalHours.ShouldBe(1.51, 0.02);
        await stores.AdvanceAsync(name, 1.4 * Hour);
        (await TakeAsync(store, limit)).ShouldNotBeNull();
        await stores.AdvanceAsync(name, 0.12 * Hour);
        (await TakeAsync(store, limit)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Settled_AfterItCameBack_GivesNothingTwice(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(100) with { Unit = LimitUnit.Tokens };
        var taking = LimitTaking.Of(limit, 90);
        await store.TakeAsync(taking);
        await stores.AdvanceAsync(name, Hour);

        taking.Change(giveRequestsBack: false, tokens: 0);
        await store.SettleAsync(taking);

        (await TakeAsync(store, limit, 101)).ShouldNotBeNull();
        (await TakeAsync(store, limit, 100)).ShouldBeNull();
        (await TakeAsync(store, limit, 1)).ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task ChangedCapacity_KeepsWhatWasTaken(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(10);
        await TakeAsync(store, limit, 10);

        (await TakeAsync(store, limit with { Capacity = 20 }, 11)).ShouldNotBeNull();
        (await TakeAsync(store, limit with { Capacity = 20 }, 10)).ShouldBeNull();
        (await TakeAsync(store, limit with { Capacity = 5 })).ShouldNotBeNull().Wait!.Value.TotalHours.ShouldBe(3.2, 0.1);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Places_ComeBackWhenTheyAreGivenBack_AndNotByTime(string name)
    {
        var store = stores.Store(name);
        var limit = NewPlaces(2);
        var first = LimitTaking.Of(limit);
        await store.TakeAsync(first);
        await TakeAsync(store, limit);

        var refusal = (await TakeAsync(store, limit)).ShouldNotBeNull();
        (refusal.Wait, refusal.IsTooLarge).ShouldBe((null, false));
        await stores.AdvanceAsync(name, TimeSpan.FromSeconds(30));
        (await TakeAsync(store, limit)).ShouldNotBeNull();

        first.Change(giveRequestsBack: false, tokens: 0);
        await store.SettleAsync(first);
        (await TakeAsync(store, limit)).ShouldBeNull();
        (await TakeAsync(store, limit)).ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task AtTheSameTime_ExactlyTheCapacityPasses(string name)
    {
        var store = stores.Store(name);
        var limit = NewLimit(50);

        var taken = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(async () => await TakeAsync(store, limit) is null)));

        taken.Count(passed => passed).ShouldBe(50);
    }

    /// <summary>Whatever is taken, settled and waited for: both stores say what arithmetic says.</summary>
    [Theory]
    [MemberData(nameof(Stores))]
    public async Task AnySequence_IsAsTheModelSays(string name)
    {
        var store = stores.Store(name);
        var random = new Random(8);
        Limit[] limits = [NewLimit(20), NewLimit(50) with { Unit = LimitUnit.Tokens }, NewLimit(30) with { Window = TimeSpan.FromHours(5) }];
        var used = new double[limits.Length];

        // Redis's own clock goes on as well: by a part of this while the test runs.
        var margin = name == "memory" ? 1e-5 : 0.45;
        var held = new List<(LimitTaking Taking, int[] Of)>();
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(4))
            {
                case 0:
                    var by = TimeSpan.FromSeconds(random.Next(1, 900));
                    await stores.AdvanceAsync(name, by);
                    used = [.. used.Select((each, index) => Math.Max(0, each - by / limits[index].Window * limits[index].Capacity))];
                    break;
                case 1 when held.Count > 0:
                    var (settled, of) = held[random.Next(held.Count)];
                    held.Remove((settled, of));
                    var actual = random.Next(0, 20);
                    settled.Change(random.Next(2) == 0, actual);
                    for (var at = 0; at < of.Length; at++)
                    {
                        used[of[at]] = Math.Max(0, used[of[at]] + settled.Shares[at].Change);
                    }

                    await store.SettleAsync(settled);
                    break;
                default:
                    var taking = new LimitTaking();
                    int[] takes = [.. Enumerable.Range(0, limits.Length).Where(_ => random.Next(2) == 0)];
                    foreach (var index in takes)
                    {
                        taking.Add(limits[index], random.Next(1, 15));
                    }

                    var left = takes.Select((index, at) => limits[index].Capacity - used[index] - taking.Shares[at].Amount).Append(limits[0].Capacity).Min();
                    var passed = await store.TakeAsync(taking) is null;
                    if (Math.Abs(left) > margin)
                    {
                        passed.ShouldBe(left > 0, $"step {step}");
                    }

                    for (var at = 0; at < takes.Length && passed; at++)
                    {
                        used[takes[at]] += taking.Shares[at].Amount;
                        taking.Shares[at].Used.ShouldBe(used[takes[at]], margin, $"step {step}");
                    }

                    if (passed)
                    {
                        held.Add((taking, takes));
                    }

                    break;
            }
        }
    }

    private static async Task<LimitRefusal?> TakeAsync(ILimitStore store, Limit limit, long amount = 1) => await store.TakeAsync(LimitTaking.Of(limit, amount));

    private static Limit NewLimit(long capacity) => new($"key:{Guid.NewGuid():N}", LimitUnit.Requests, capacity, Hour);

    private static Limit NewPlaces(long capacity) => new($"key:{Guid.NewGuid():N}", LimitUnit.Places, capacity, TimeSpan.Zero);
}
