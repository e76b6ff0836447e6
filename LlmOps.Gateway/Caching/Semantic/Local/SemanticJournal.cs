using System.Collections.Concurrent;
using System.Threading.Channels;
using LlmOps.Gateway.Caching.Answers;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>
/// Writes what is kept in memory to a file in the background, and reads it back after a restart. Where there can be no file,
/// memory goes on alone.
/// </summary>
/// <param name="file">The file; only the background task uses it, and closes it at the end.</param>
/// <param name="entries">The memory.</param>
/// <param name="time">What entries expire by.</param>
/// <param name="logger">Is told what was loaded, and once that something was not written.</param>
internal sealed partial class SemanticJournal(SemanticFile file, LocalEntries entries, TimeProvider time, ILogger logger)
{
    private const int MostWaiting = 4096;
    private const int WrittenAtOnce = 256;
    private const int ReadAtOnce = 256;

    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ConcurrentDictionary<EmbeddingSpace, bool> _known = new();
    private readonly ConcurrentQueue<EmbeddingSpace> _toLoad = new();

    // Only the background task's.
    private readonly List<ClearedScope> _unwritten = [];
    private Loading? _loading;

    private Task _running = Task.CompletedTask;
    private volatile bool _isOver;
    private long _dropped;

    /// <summary>Entries that were not written, as they came faster than the disk took them, or it failed.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Begins in the background.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Writes what is waiting, and ends.</summary>
    public Task StopAsync()
    {
        _isOver = true;
        _changes.Writer.TryComplete();
        return _running;
    }

    /// <summary>Has the entries of a space loaded, the first time that it is asked for.</summary>
    public void Know(EmbeddingSpace space)
    {
        if (!_known.ContainsKey(space) && _known.TryAdd(space, true))
        {
            // Where there is no room for the reminder, others are coming up.
            _toLoad.Enqueue(space);
            _changes.Writer.TryWrite(new Change());
        }
    }

    /// <summary>Has an entry written.</summary>
    public void Keep(SemanticEntry entry)
    {
        if (!_isOver && !_changes.Writer.TryWrite(new Change { Kept = entry }))
        {
            CountDropped(1);
        }
    }

    /// <summary>Has an entry removed, after what was kept before.</summary>
    public void Remove(Guid id)
    {
        if (!_isOver)
        {
            _changes.Writer.TryWrite(new Change { Removed = id });
        }
    }

    /// <summary>Has a scope cleared, after what was kept before.</summary>
    /// <returns>Whether that is done. Else it is tried again, and what is in the file comes back if it never succeeds before a restart.</returns>
    public async Task<bool> ClearAsync(ClearedScope scope)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _changes.Writer.WriteAsync(new Change { Cleared = scope, Done = done });
            return await done.Task;
        }
        catch (ChannelClosedException)
        {
            // Another process may have the file, or it cannot be written: what is in it is not known here.
            return !file.Exists;
        }
    }

    /// <summary>Has what is over its time removed.</summary>
    public void Sweep() => _changes.Writer.TryWrite(new Change { Sweeps = true });

    private async Task RunAsync()
    {
        file.Open();
        Try(database =>
        {
            if (database.NewestSpace is { } newest)
            {
                // Most likely the one that is asked for again.
                Know(newest);
            }
        });

        do
        {
            do
            {
                WriteSome();
            }
            while (LoadSome());
        }
        while (await _changes.Reader.WaitToReadAsync());

        Try(database => _unwritten.ForEach(database.Clear));
        file.Dispose();
    }

    /// <summary>Writes what is waiting, and what was kept at once in one transaction.</summary>
    private void WriteSome()
    {
        if (_unwritten.Count > 0 && Try(database => _unwritten.ForEach(database.Clear)))
        {
            _unwritten.Clear();
        }

        var kept = new List<SemanticEntry>();
        while (kept.Count < WrittenAtOnce && _changes.Reader.TryRead(out var change))
        {
            if (change.Kept is { } entry)
            {
                kept.Add(entry);
                continue;
            }

            Write(kept);
            kept.Clear();
            if (change.Cleared is { } scope)
            {
                change.Done?.SetResult(Clear(scope));
            }

            if (change.Removed is { } id)
            {
                Try(database => database.Remove(id));
            }

            if (change.Sweeps)
            {
                Try(database => database.Sweep(time.GetUtcNow()));
            }
        }

        Write(kept);
    }

    private void Write(List<SemanticEntry> kept)
    {
        // What is not in memory any more was cleared meanwhile, replaced, or had to make way; it must not come back.
        kept.RemoveAll(entry => !entries.Has(entry.Id));
        if (kept.Count > 0 && !Try(database => database.Write(kept)))
        {
            CountDropped(kept.Count);
        }
    }

    private bool Clear(ClearedScope scope)
    {
        var isDone = Try(database => database.Clear(scope));
        if (!isDone)
        {
            // What was cleared must not come back: it is tried again, and nothing is loaded until then.
            _unwritten.Add(scope);
        }

        // Once more: some of it may have been loaded since.
        entries.Clear(scope);
        return isDone && (file.IsOpen || !file.Exists);
    }

    /// <summary>Loads some entries; returns whether there may be more.</summary>
    private bool LoadSome()
    {
        if (_isOver || _unwritten.Count > 0 || (_loading is null && _toLoad.IsEmpty))
        {
            return false;
        }

        var isRead = Try(database =>
        {
            // Newer ones were written by this process, which has them in memory.
            _loading ??= _toLoad.TryDequeue(out var space) ? new Loading(space) { Below = database.Newest + 1 } : null;
            var rows = database.Read(_loading!.Space, _loading.Below, ReadAtOnce, time.GetUtcNow());
            var loaded = rows.TakeWhile(row => entries.Load(row.Entry)).Count();
            _loading.Count += loaded;
            if (loaded > 0 && loaded == rows.Count)
            {
                _loading.Below = rows[^1].Number;
                return;
            }

            if (_loading.Count > 0)
            {
                LogLoaded(_loading.Count, _loading.Space.Model);
            }

            _loading = null;
        });

        // What could not be read is not asked for again.
        _loading = isRead ? _loading : null;
        return true;
    }

    private bool Try(Action<SemanticDatabase> action)
    {
        var isDone = file.Try(action);
        if (!file.IsOpen)
        {
            // Memory goes on alone.
            _isOver = true;
            _changes.Writer.TryComplete();
        }

        return isDone;
    }

    private void CountDropped(int count)
    {
        if (Interlocked.Add(ref _dropped, count) == count)
        {
            LogDropped(file.Path);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not all entries of the semantic cache are written to {Path}: what is missing there does not survive a restart.")]
    private partial void LogDropped(string path);

    [LoggerMessage(LogLevel.Information, "{Count} entries of the semantic cache were loaded, for {Model}.")]
    private partial void LogLoaded(int count, string model);

    /// <summary>What the file is to be told; a reminder where it is nothing.</summary>
    private readonly record struct Change
    {
        public SemanticEntry? Kept { get; init; }

        public Guid? Removed { get; init; }

        public ClearedScope? Cleared { get; init; }

        public TaskCompletionSource<bool>? Done { get; init; }

        public bool Sweeps { get; init; }
    }

    /// <summary>A space that is being loaded.</summary>
    private sealed class Loading(EmbeddingSpace space)
    {
        public EmbeddingSpace Space => space;

        /// <summary>Entries from this number on are loaded.</summary>
        public long Below { get; set; }

        public int Count { get; set; }
    }
}
