using Dapper;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Caching.Semantic.Local;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Caching.Semantic;

public sealed class SemanticPersistenceTests : IAsyncLifetime
{
    private static readonly EmbeddingSpace OtherSpace = new("large", 8);

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-").FullName;
    private readonly ManualTime _time = new();
    private readonly CollectedLogs _logs = new();
    private readonly List<LocalSemanticStore> _stores = [];

    private string File => Path.Combine(_folder, SemanticFile.Name);

    private IEnumerable<CollectedLog> Warnings => _logs.All.Where(log => log.Level >= LogLevel.Warning);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.StopAsync(CancellationToken.None);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AfterARestart_EntriesAreThereAsTheyWere()
    {
        var entry = Entries.Entry(3, _time, prompt: "greeting");
        await KeepAndStopAsync(entry);

        var found = await (await LoadedAsync()).FindAsync(3);

        found.ShouldNotBeNull();
        found.Answer.Json.ToArray().ShouldBe(entry.Answer.Json.ToArray());
        (found with { Vector = entry.Vector, Answer = entry.Answer }).ShouldBe(entry);
        (found.Answer with { Json = entry.Answer.Json }).ShouldBe(entry.Answer);
        Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task AfterAKill_WhatWasWrittenIsThere()
    {
        var store = await StartAsync();
        for (var number = 0; number < 500; number++)
        {
            await store.KeepAsync(Entries.Entry(number, _time), () => true);
        }

        await WrittenAsync(store);

        var copy = CopyAsAKillLeavesIt();

        var restarted = await LoadedAsync(copy);
        restarted.Count.ShouldBe(500);
        (await restarted.FoundAsync(1, 20, 499)).ShouldBe([1, 20, 499]);
    }

    [Fact]
    public async Task AtStop_WhatIsWaitingIsWritten()
    {
        await KeepAndStopAsync([.. Enumerable.Range(0, 2000).Select(number => Entries.Entry(number, _time))]);

        (await LoadedAsync()).Count.ShouldBe(2000);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("tenant:acme", 2, 3)]
    [InlineData("model:smart", 1, 3)]
    [InlineData("prompt:greeting", 1, 2)]
    public async Task WhatWasCleared_DoesNotComeBack(string scope, params int[] left)
    {
        var store = await StartAsync();
        await store.KeepAsync(Entries.Entry(1, _time, tenant: "acme"), () => true);
        await store.KeepAsync(Entries.Entry(2, _time, model: "smart"), () => true);
        await store.KeepAsync(Entries.Entry(3, _time, prompt: "greeting"), () => true);

        await store.ClearAsync(scope);

        var copy = CopyAsAKillLeavesIt();
        (await (await StartAsync(copy, wait: left.Length > 0)).FoundAsync(1, 2, 3)).ShouldBe(left);
    }

    [Fact]
    public async Task WhatIsClearedWhileItIsLoaded_DoesNotComeBack()
    {
        await KeepAndStopAsync([.. Enumerable.Range(0, 2000).Select(number => Entries.Entry(number, _time, tenant: number % 2 == 0 ? "acme" : "other"))]);

        var store = await StartAsync();
        await store.ClearAsync("tenant:acme");
        await _logs.FirstAsync(log => log.Message.Contains("were loaded"));

        store.Count.ShouldBe(1000);
        await store.StopAsync(CancellationToken.None);
        (await LoadedAsync()).Count.ShouldBe(1000);
    }

    [Fact]
    public async Task AReplacedEntry_IsThereOnce_InItsLastForm()
    {
        await KeepAndStopAsync(Entries.Entry(1, _time), Entries.Entry(2, _time), Entries.Entry(1, _time, bytes: 7));

        var store = await LoadedAsync();

        store.Count.ShouldBe(2);
        (await store.FindAsync(1))!.Answer.Json.Length.ShouldBe(7);
    }

    [Fact]
    public async Task TheFile_IsBoundedAsMemoryIs()
    {
        await KeepAndStopAsync(maxEntries: 50, [.. Enumerable.Range(0, 500).Select(number => Entries.Entry(number, _time))]);

        var store = await LoadedAsync();

        store.Count.ShouldBe(50);
        (await store.FoundAsync(449, 450, 499)).ShouldBe([450, 499]);
    }

    [Fact]
    public async Task NewEntries_AreNewerThanThoseThatAreLoadedAfterThem()
    {
        await KeepAndStopAsync(Entries.Entry(0, _time), Entries.Entry(1, _time), Entries.Entry(2, _time));

        var store = await StartAsync(maxEntries: 3);
        await store.KeepAsync(Entries.Entry(3, _time), () => true);
        await _logs.FirstAsync(log => log.Message.Contains("were loaded"));

        (await store.FoundAsync(0, 1, 2, 3)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task EntriesOverTheirTime_AreNotLoaded_AndLeaveTheFile()
    {
        await KeepAndStopAsync(Entries.Entry(0, _time, timeToLive: TimeSpan.FromMinutes(10)), Entries.Entry(1, _time));
        _time.Advance(TimeSpan.FromMinutes(10));

        var store = await LoadedAsync();
        (await store.FoundAsync(0, 1)).ShouldBe([1]);
        _time.Advance(TimeSpan.FromMinutes(1));
        await store.StopAsync(CancellationToken.None);

        RowsInTheFile().ShouldBe(1);
    }

    [Fact]
    public async Task EntriesOfAnotherEmbedding_WaitInTheFileUntilItIsAskedFor()
    {
        await KeepAndStopAsync(Entries.Entry(1, _time, OtherSpace), Entries.Entry(2, _time));

        var store = await LoadedAsync();
        store.Count.ShouldBe(1);
        (await store.FindAsync(1)).ShouldBeNull();

        await Conditions.HoldsAsync(async () => await store.FindAsync(1, OtherSpace) is not null);
        (await store.FindAsync(2, OtherSpace)).ShouldBeNull();
        (await store.FindAsync(2)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("this is no database, but a text that is long enough to be taken for one")]
    [InlineData("")]
    public async Task AFileThatIsNoDatabase_IsSetAside(string content)
    {
        await System.IO.File.WriteAllTextAsync(File, string.Concat(Enumerable.Repeat(content, 200)));

        await KeepAndStopAsync(Entries.Entry(1, _time));

        (await (await LoadedAsync()).FindAsync(1)).ShouldNotBeNull();
        System.IO.File.Exists(File + ".unreadable").ShouldBe(content.Length > 0);
        Warnings.Count().ShouldBe(content.Length > 0 ? 1 : 0);
    }

    [Theory]
    [InlineData("PRAGMA user_version = 99")]
    [InlineData("PRAGMA application_id = 7")]
    [InlineData("DROP TABLE contents; DROP TABLE spaces")]
    public async Task AFileOfAnotherForm_IsSetAside(string change)
    {
        await KeepAndStopAsync(Entries.Entry(1, _time));
        using (var connection = SqliteFile.Open(File, isExclusive: false))
        {
            connection.Execute(change);
        }

        await KeepAndStopAsync(Entries.Entry(2, _time));

        Warnings.ShouldHaveSingleItem().Message.ShouldContain("semantic.db.unreadable");
        (await (await LoadedAsync()).FoundAsync(1, 2)).ShouldBe([2]);
    }

    [Fact]
    public async Task AFileThatIsDamagedInside_IsSetAside_WhenThatIsSeen()
    {
        await KeepAndStopAsync([.. Enumerable.Range(0, 500).Select(number => Entries.Entry(number, _time, bytes: 2000))]);
        await using (var file = System.IO.File.OpenWrite(File))
        {
            file.Seek(file.Length / 3, SeekOrigin.Begin);
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)file.Length / 3).ToArray());
        }

        var store = await StartAsync();
        await _logs.FirstAsync(log => log.Message.Contains("could not be read"));
        await store.KeepAsync(Entries.Entry(1000, _time), () => true);
        await WrittenAsync(store);

        (await (await LoadedAsync(CopyAsAKillLeavesIt())).FindAsync(1000)).ShouldNotBeNull();
        Warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ASecondStoreOnTheSameFolder_GoesOnInMemory_AndSaysSoOnce()
    {
        var first = await StartAsync();
        await first.KeepAsync(Entries.Entry(1, _time), () => true);
        await WrittenAsync(first);

        var second = await StartAsync();
        await second.KeepAsync(Entries.Entry(2, _time), () => true);
        (await second.ClearAsync("tenant:nobody")).ShouldBeFalse();

        Warnings.ShouldHaveSingleItem().Message.ShouldContain("belongs to another process");
        (await second.FoundAsync(1, 2)).ShouldBe([2]);
        second.Dropped.ShouldBe(0);
        await second.StopAsync(CancellationToken.None);
        await first.KeepAsync(Entries.Entry(3, _time), () => true);
        await first.StopAsync(CancellationToken.None);
        (await (await LoadedAsync()).FoundAsync(1, 2, 3)).ShouldBe([1, 3]);
    }

    [Fact]
    public async Task WhereThereCanBeNoFile_MemoryGoesOn_AndThatIsSaidOnce()
    {
        var taken = Path.Combine(_folder, "taken");
        await System.IO.File.WriteAllTextAsync(taken, "");

        var store = await StartAsync(Path.Combine(taken, "data"));
        await store.KeepAsync(Entries.Entry(1, _time), () => true);
        await store.ClearAsync("tenant:nobody");

        (await store.FindAsync(1)).ShouldNotBeNull();
        Warnings.ShouldHaveSingleItem().Message.ShouldContain("cannot be used");
    }

    [Fact]
    public async Task TheFiles_AreReadableForTheirOwnerOnly()
    {
        var folder = Path.Combine(_folder, "new");
        var store = await StartAsync(folder);
        await store.KeepAsync(Entries.Entry(1, _time), () => true);
        await WrittenAsync(store);

        var files = Directory.GetFiles(folder);

        files.Select(Path.GetFileName).ShouldBe(["semantic.db", "semantic.db-wal"], ignoreOrder: true);
        files.ShouldAllBe(file => System.IO.File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        System.IO.File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void WhatTheDiskDoesNotTakeInTime_IsCountedAndSaidOnce()
    {
        var options = new LocalStoreOptions(_folder, 10_000, 1L << 30);
        var journal = new SemanticJournal(new SemanticFile(options, Logger()), new LocalEntries(10_000, 1L << 30, _time), _time, Logger());

        for (var number = 0; number < 4100; number++)
        {
            journal.Keep(Entries.Entry(number, _time));
        }

        journal.Dropped.ShouldBe(4);
        Warnings.ShouldHaveSingleItem();
    }

    private static Task<bool> WrittenAsync(LocalSemanticStore store) => store.ClearAsync("tenant:nobody");

    private ILogger<LocalSemanticStore> Logger() => LoggerFactory.Create(logging => logging.AddProvider(_logs)).CreateLogger<LocalSemanticStore>();

    private async Task<LocalSemanticStore> StartAsync(string? folder = null, int maxEntries = 10_000, bool wait = false)
    {
        var own = new CollectedLogs();
        var logger = LoggerFactory.Create(logging => logging.AddProvider(_logs).AddProvider(own)).CreateLogger<LocalSemanticStore>();
        var store = new LocalSemanticStore(new LocalStoreOptions(folder ?? _folder, maxEntries, 1L << 30), _time, logger);
        _stores.Add(store);
        await store.StartAsync(CancellationToken.None);
        if (wait)
        {
            await Conditions.HoldsAsync(() => Task.FromResult(own.All.Any(log => log.Message.Contains("were loaded"))));
        }

        return store;
    }

    private Task<LocalSemanticStore> LoadedAsync(string? folder = null) => StartAsync(folder, wait: true);

    private Task KeepAndStopAsync(params SemanticEntry[] entries) => KeepAndStopAsync(10_000, entries);

    private async Task KeepAndStopAsync(int maxEntries, SemanticEntry[] entries)
    {
        var store = await StartAsync(maxEntries: maxEntries);
        foreach (var entry in entries)
        {
            await store.KeepAsync(entry, () => true);
        }

        await store.StopAsync(CancellationToken.None);
    }

    private string CopyAsAKillLeavesIt()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder, "copy")).FullName;
        foreach (var file in Directory.GetFiles(_folder, SemanticFile.Name + "*"))
        {
            System.IO.File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private long RowsInTheFile()
    {
        using var connection = SqliteFile.Open(File, isExclusive: false);
        return connection.ExecuteScalar<long>("SELECT COUNT(*) FROM entries");
    }
}
