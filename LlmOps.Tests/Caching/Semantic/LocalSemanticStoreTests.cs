using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Caching.Semantic.Local;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Caching.Semantic;

public sealed class LocalSemanticStoreTests
{
    private static readonly CacheKey OtherScope = new(1, 2, 3, 5);
    private static readonly EmbeddingSpace OtherSpace = new("large", 8);

    private readonly ManualTime _time = new();

    [Fact]
    public async Task KeptEntries_AreFoundNearestFirst()
    {
        var store = await StoreWithAsync(0, 1, 2);
        var query = new float[8];
        (query[0], query[1]) = (0.8f, 0.6f);

        var candidates = (await store.SearchAsync(Entries.Space, Entries.Scope, query, 0.5f, 5, CancellationToken.None)).ShouldNotBeNull();

        candidates.Select(candidate => candidate.Entry.Question).ShouldBe(["Question 0?", "Question 1?"]);
        candidates[0].Similarity.ShouldBe(0.8f, 1e-6);
    }

    [Fact]
    public async Task EntryThatWasClearedMeanwhile_IsNotKept()
    {
        var store = await StoreWithAsync();
        await store.KeepAsync(Entries.Entry(1, _time), () => false);
        store.Count.ShouldBe(0);
    }

    [Fact]
    public async Task EntriesOfAnotherScope_AreNeverFound()
    {
        var store = await StoreWithAsync(0);
        await store.KeepAsync(Entries.Entry(1, _time, scope: OtherScope), () => true);

        (await store.FindAsync(0, scope: OtherScope)).ShouldBeNull();
        (await store.FindAsync(1)).ShouldBeNull();
        (await store.FindAsync(1, scope: OtherScope)).ShouldNotBeNull();
    }

    [Fact]
    public async Task EntriesOfAnotherEmbedding_AreNeverFound()
    {
        var store = await StoreWithAsync(0);
        await store.KeepAsync(Entries.Entry(1, _time, OtherSpace), () => true);

        (await store.FindAsync(0, OtherSpace)).ShouldBeNull();
        (await store.FindAsync(1)).ShouldBeNull();
        (await store.FindAsync(1, OtherSpace)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnEntryWithTheSameId_TakesItsPlace(bool elsewhere)
    {
        var store = await StoreWithAsync(0, 1);
        var entry = Entries.Entry(2, _time, scope: elsewhere ? OtherScope : null) with { Id = Entries.Entry(1, _time).Id };

        await store.KeepAsync(entry, () => true);

        (await store.FoundAsync(0, 1)).ShouldBe([0]);
        (await store.FindAsync(2, scope: entry.Scope)).ShouldNotBeNull();
        store.Count.ShouldBe(2);
    }

    [Fact]
    public async Task MoreEntriesThanAllowed_DriveOutTheOldest_WhereverTheyAre()
    {
        var store = Store(maxEntries: 3);
        await store.KeepAsync(Entries.Entry(0, _time, OtherSpace), () => true);
        await store.KeepAsync(Entries.Entry(1, _time, scope: OtherScope), () => true);
        await store.KeepAsync(Entries.Entry(2, _time), () => true);
        store.Partitions.ShouldBe(3);

        await store.KeepAsync(Entries.Entry(3, _time), () => true);
        await store.KeepAsync(Entries.Entry(4, _time), () => true);

        (await store.FoundAsync(2, 3, 4)).ShouldBe([2, 3, 4]);
        (store.Count, store.Partitions).ShouldBe((3, 1));
    }

    [Fact]
    public async Task MoreBytesThanAllowed_DriveOutTheOldest()
    {
        var store = Store(maxBytes: 100_000);
        for (var number = 0; number < 1000; number++)
        {
            await store.KeepAsync(Entries.Entry(number, _time, bytes: 1000), () => true);
            store.Bytes!.Value.ShouldBeLessThanOrEqualTo(100_000);
        }

        store.Count!.Value.ShouldBeInRange(40, 100);
        (await store.FindAsync(999)).ShouldNotBeNull();
        (await store.FindAsync(1)).ShouldBeNull();
    }

    [Fact]
    public async Task LargeEntries_AreNotKept_AndDriveOutNothing()
    {
        var store = Store(maxBytes: 100_000);
        await store.KeepAsync(Entries.Entry(0, _time), () => true);

        await store.KeepAsync(Entries.Entry(1, _time, bytes: 20_000), () => true);

        (await store.FoundAsync(0, 1)).ShouldBe([0]);
    }

    [Fact]
    public async Task VectorsOfAnotherLengthThanTheirSpaceSays_AreNotKept()
    {
        var store = Store();

        await store.KeepAsync(Entries.Entry(0, _time, new EmbeddingSpace("small", 9)), () => true);

        store.Count.ShouldBe(0);
    }

    [Fact]
    public async Task EntriesOverTheirTime_AreNotFound_AndTakeNoOthersPlace()
    {
        var store = Store();
        await store.KeepAsync(Entries.Entry(0, _time, timeToLive: TimeSpan.FromMinutes(1)), () => true);
        await store.KeepAsync(Entries.Entry(1, _time) with { Vector = Entries.Vector(0) }, () => true);
        (await store.FindAsync(0)).ShouldNotBeNull();

        _time.Advance(TimeSpan.FromMinutes(1));

        (await store.FindAsync(0))!.Question.ShouldBe("Question 1?");
        store.Count.ShouldBe(1);
    }

    [Fact]
    public async Task EntriesOverTheirTime_AreRemovedThoughNobodyAsks()
    {
        var store = await StoreWithAsync(0);
        await store.StartAsync(CancellationToken.None);

        _time.Advance(TimeSpan.FromHours(1));

        (store.Count, store.Bytes, store.Partitions).ShouldBe((0, 0, 0));
        await store.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("all", 0)]
    [InlineData("tenant:acme", 1, 2, 3)]
    [InlineData("model:smart", 0, 2, 3)]
    [InlineData("prompt:greeting", 0, 1, 3)]
    [InlineData("prompt:other", 0, 1, 2, 3)]
    public async Task Clearing_ForgetsWhatBelongsToTheScope(string scope, params int[] left)
    {
        var store = Store();
        await store.KeepAsync(Entries.Entry(0, _time, tenant: "acme"), () => true);
        await store.KeepAsync(Entries.Entry(1, _time, model: "smart"), () => true);
        await store.KeepAsync(Entries.Entry(2, _time, prompt: "greeting"), () => true);
        await store.KeepAsync(Entries.Entry(3, _time), () => true);

        await store.ClearAsync(scope);

        (await store.FoundAsync(0, 1, 2, 3)).ShouldBe(scope == "all" ? [] : left);
        store.Count.ShouldBe(scope == "all" ? 0 : left.Length);
    }

    [Fact]
    public async Task APartitionThatBecameSmall_StillFindsAndReplacesWhatIsLeft()
    {
        var store = Store();
        for (var number = 0; number < 200; number++)
        {
            await store.KeepAsync(Entries.Entry(number, _time, timeToLive: TimeSpan.FromMinutes(number < 180 ? 1 : 60)), () => true);
        }

        _time.Advance(TimeSpan.FromMinutes(1));

        (await store.FindAsync(0)).ShouldBeNull();
        store.Count.ShouldBe(20);
        for (var number = 180; number < 200; number++)
        {
            await store.KeepAsync(Entries.Entry(number, _time, bytes: number), () => true);
            (await store.FindAsync(number))!.Answer.Json.Length.ShouldBe(number);
        }

        store.Count.ShouldBe(20);
    }

    [Fact]
    public async Task ManyEntries_AreLinkedInTheBackground()
    {
        var store = Store();
        await store.StartAsync(CancellationToken.None);
        const int count = VectorIndex<LocalEntry>.GraphFrom + 200;
        for (var number = 0; number < count; number++)
        {
            await store.KeepAsync(Entries.Entry(number, _time), () => true);
        }

        await Conditions.HoldsAsync(() => Task.FromResult(store.Unlinked == 0));

        (await store.FoundAsync([.. Enumerable.Range(100, 100)])).Count.ShouldBeGreaterThanOrEqualTo(98);
        await store.StopAsync(CancellationToken.None);
    }

    private LocalSemanticStore Store(int maxEntries = 100_000, long maxBytes = 1L << 30) =>
        new(new LocalStoreOptions(null, maxEntries, maxBytes), _time, NullLogger<LocalSemanticStore>.Instance);

    private async Task<LocalSemanticStore> StoreWithAsync(params int[] numbers)
    {
        var store = Store();
        foreach (var number in numbers)
        {
            await store.KeepAsync(Entries.Entry(number, _time), () => true);
        }

        return store;
    }
}
