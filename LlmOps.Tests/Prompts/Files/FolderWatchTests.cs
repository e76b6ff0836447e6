using System.Collections.Concurrent;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>A folder is looked at soon after a change, regularly, and whatever has gone wrong before.</summary>
public sealed class FolderWatchTests : IAsyncLifetime
{
    private static readonly TimeSpan Regularly = TimeSpan.FromSeconds(5);

    private readonly string _root = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly CollectedLogs _logs = new();
    private readonly ManualTime _time = new();
    private Func<Task<bool>> _onLook = () => Task.FromResult(true);
    private FolderWatch? _watch;
    private int _looks;

    private string Folder => Path.Combine(_root, "prompts");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_watch is not null)
        {
            await _watch.StopAsync();
            _watch.Dispose();
        }

        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("write")]
    [InlineData("delete")]
    [InlineData("rename")]
    public async Task ChangeBelowTheFolder_IsLookedAtWithoutWaiting(string change)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "greeter")).FullName, "v1.yaml");
        await FileChange.PrepareAsync(change, file);
        Start();
        await FileChange.MakeAsync(change, file);

        await LooksAsync(1);
    }

    [Fact]
    public async Task FolderWithoutChanges_IsLookedAtRegularly()
    {
        Directory.CreateDirectory(Folder);
        Start();

        await LooksMoreAsync(3);
    }

    [Fact]
    public async Task FolderThatComesLater_IsWatchedFromThenOn()
    {
        Start();
        Directory.CreateDirectory(Folder);
        _time.Advance(Regularly);
        await LooksAsync(1);

        var file = Path.Combine(Folder, "a.txt");
        await Conditions.HoldsAsync(async () =>
        {
            await File.AppendAllTextAsync(file, "x");
            return _looks >= 2;
        });
    }

    [Fact]
    public async Task FolderThatWasAway_IsWatchedAgain()
    {
        Directory.CreateDirectory(Folder);
        Start();
        Directory.Delete(Folder);
        await LooksMoreAsync(2);
        Directory.CreateDirectory(Folder);
        await LooksMoreAsync(2);

        var (file, before) = (Path.Combine(Folder, "a.txt"), _looks);
        await Conditions.HoldsAsync(async () =>
        {
            await File.AppendAllTextAsync(file, "x");
            return _looks >= before + 2;
        });
    }

    [Fact]
    public async Task LookThatFails_IsLoggedAndNotTheLastOne()
    {
        _onLook = () => _looks == 1 ? throw new InvalidOperationException("Broken.") : Task.FromResult(true);
        Start();

        await LooksMoreAsync(2);

        var log = _logs.All.ShouldHaveSingleItem();
        (log.Level, log.Exception!.Message).ShouldBe((LogLevel.Error, "Broken."));
        log.Message.ShouldContain(Folder);
    }

    [Fact]
    public async Task FolderThatIsBeingWritten_IsLookedAtAgainAsSoonAsItMayHaveSettled()
    {
        var (time, last) = (new HastyTime(), new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        _onLook = () => _looks switch
        {
            1 or 2 => Task.FromResult(false),
            3 => Task.FromResult(true),
            _ => last.Task,
        };

        Start(time);
        await LooksAsync(4);
        last.SetResult(true);
        await _watch!.StopAsync();

        time.Rests.ShouldSatisfyAllConditions(
            rests => rests.Skip(1).Take(2).ShouldBe([PromptFolder.Settling, PromptFolder.Settling]),
            rests => rests.Where((_, index) => index is 0 or 3).ShouldAllBe(rest => rest >= TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task WatchThatIsDisposed_EndsThoughNobodyHasStoppedIt()
    {
        Directory.CreateDirectory(Folder);
        Start();

        _watch!.Dispose();

        await _watch.StopAsync();
        _logs.All.ShouldBeEmpty();
        _watch = null;
    }

    [Fact]
    public async Task WatchThatWasNeverStarted_Stops()
    {
        using var watch = new FolderWatch(Folder, _time, _onLook, TestDatabase.LoggerOf<FolderWatch>(_logs));

        await watch.StopAsync();
    }

    private void Start(TimeProvider? time = null)
    {
        _watch = new FolderWatch(
            Folder, time ?? _time,
            () =>
            {
                Interlocked.Increment(ref _looks);
                return _onLook();
            },
            TestDatabase.LoggerOf<FolderWatch>(_logs));
        _watch.Start();
    }

    // While time goes on.
    private Task LooksMoreAsync(int count)
    {
        var before = _looks;
        return Conditions.HoldsAsync(() =>
        {
            _time.Advance(Regularly);
            return Task.FromResult(_looks >= before + count);
        });
    }

    private Task LooksAsync(int count) => Conditions.HoldsAsync(() => Task.FromResult(_looks >= count));

    // Every rest is over as soon as it has begun; how long it was to be is kept.
    private sealed class HastyTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Rests { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Rests.Enqueue(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
