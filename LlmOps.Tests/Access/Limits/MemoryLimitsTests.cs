using LlmOps.Gateway.Access.Limits;

namespace LlmOps.Tests.Access.Limits;

/// <summary>What the memory of limits forgets.</summary>
public sealed class MemoryLimitsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task LimitThatIsUnusedAgain_IsForgotten()
    {
        var limits = new MemoryLimits(_time);
        var taking = LimitTaking.Of(Of("key:a", 10));
        await limits.TakeAsync(taking);
        limits.Count.ShouldBe(1);

        taking.Change(giveRequestsBack: true, tokens: 0);
        await limits.SettleAsync(taking);

        limits.Count.ShouldBe(0);
    }

    [Fact]
    public async Task LimitsThatTimeHasRefilled_AreForgottenAsOthersCome()
    {
        var limits = new MemoryLimits(_time);
        for (var number = 0; number < 20_000; number++)
        {
            await limits.TakeAsync(LimitTaking.Of(Of($"address:{number}", 60)));
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        // Each is unused again after a second; the memory is cleared each time it has grown to a thousand.
        limits.Count.ShouldBeLessThanOrEqualTo(1_001);
    }

    [Fact]
    public async Task WhenFull_ThoseThatAreUnusedSoonestGo_AndNeverTakenPlaces()
    {
        var limits = new MemoryLimits(_time, most: 100);
        var busy = Of("tenant:busy", 1_000) with { Window = TimeSpan.FromDays(1) };
        await limits.TakeAsync(LimitTaking.Of(busy, 1_000));
        var place = new Limit("tenant:busy", LimitUnit.Places, 1, TimeSpan.Zero);
        await limits.TakeAsync(LimitTaking.Of(place));

        for (var number = 0; number < 10_000; number++)
        {
            await limits.TakeAsync(LimitTaking.Of(Of($"address:{number}", 60)));
        }

        limits.Count.ShouldBeLessThanOrEqualTo(100);
        (await limits.TakeAsync(LimitTaking.Of(busy))).ShouldNotBeNull();
        (await limits.TakeAsync(LimitTaking.Of(place))).ShouldNotBeNull();
        (await limits.TakeAsync(LimitTaking.Of(Of("address:9999", 60), 60))).ShouldNotBeNull("the newest are still there");
    }

    private static Limit Of(string owner, long capacity) => new(owner, LimitUnit.Requests, capacity, TimeSpan.FromMinutes(1));
}
