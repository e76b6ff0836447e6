using System.Threading.Channels;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Brings the journal into the database in the background: first what an earlier process has left, then what comes, and what
/// processes have left that are gone meanwhile.
/// </summary>
internal sealed partial class LedgerDrain(
    UsageLedger ledger, LedgerRecorder recorder, LedgerTables tables, DataFolder folder, GatewayConfiguration configuration, TimeProvider time, ILogger<LedgerDrain> logger)
    : BackgroundService
{
    // Many entries in one transaction cost less than one in each.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LooksForAbandoned = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LooksForOld = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // What is left then is in the journal.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Queue<JournalSegment> _segments = new();
    private readonly Queue<byte[]> _lines = new();
    private readonly Queue<AdoptedFolder> _adopted = new();
    private bool _isReplayed;
    private bool _cannotList;
    private int _done;
    private bool _ends;
    private long? _lookedForAbandonedAt;
    private long? _lookedForOldAt;

    private Journal Journal => ledger.Journal;

    /// <summary>Records everything that is there now.</summary>
    /// <exception cref="OperationCanceledException">What is left stays where it is.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReplayOwnAsync(cancellationToken);
        await AdoptAsync(cancellationToken);
        ledger.Replayed.TrySetResult();
        await DrainAsync(cancellationToken);
        await ForgetOldAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        recorder.Hurries = true;
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is { IsCompleted: false } || Interlocked.Exchange(ref _ends, true))
        {
            return;
        }

        using var limit = new CancellationTokenSource(LongestEnd, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await ReplayOwnAsync(either.Token);
            await DrainAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            LogLeft(Journal.Depth);
        }

        while (_adopted.TryDequeue(out var adopted))
        {
            adopted.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Journal.Filled = Wake;
        using var tick = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
                tick.Change(LooksForAbandoned, Timeout.InfiniteTimeSpan);
                await _wake.Reader.ReadAsync(stoppingToken);
                await Task.Delay(Gathering, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The end of the process, and of the loop.
            }
            catch (Exception exception)
            {
                // It must not end: everything is tried again.
                LogFailed(exception);
                await Task.Delay(AfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task ReplayOwnAsync(CancellationToken cancellationToken)
    {
        if (!_isReplayed)
        {
            await ReplayAsync(Journal.LeftBehind, Journal.LeftOpen, cancellationToken);
            _isReplayed = true;
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var (segments, lines) = Journal.Take();
        segments.ToList().ForEach(_segments.Enqueue);
        lines.ToList().ForEach(_lines.Enqueue);
        while (_segments.TryPeek(out var segment))
        {
            var damaged = await ReadAsync(segment, over: null, cancellationToken);
            await ledger.Heard();
            Remove(segment, damaged);
            _segments.Dequeue();
        }

        while (_lines.Count > 0)
        {
            // The line feed is no part of it.
            var batch = _lines.Take(LedgerRecorder.MostAtOnce).Select(line => JournalLine.Read(line.AsSpan(0, line.Length - 1))!).ToList();
            await recorder.RecordAsync(batch, cancellationToken);
            batch.ForEach(entry =>
            {
                _lines.Dequeue();

                // Its note was all that the end of this process would have left of it.
                Journal.Forget(entry.Id);
            });
        }
    }

    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        if (!IsDue(ref _lookedForAbandonedAt, LooksForAbandoned) && (_adopted.Count == 0 || _cannotList))
        {
            return;
        }

        folder.TakeAbandoned().ToList().ForEach(_adopted.Enqueue);
        while (_adopted.TryPeek(out var adopted))
        {
            IReadOnlyList<JournalSegment> segments, open;
            try
            {
                var journal = Path.Combine(adopted.Path, Journal.FolderName);
                (segments, open) = (JournalSegment.In(journal), OpenRequests.In(journal));
                _cannotList = false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // To remove it would lose what it has.
                _cannotList = true;
                LogNotListed(exception, adopted.Path);
                return;
            }

            await ReplayAsync(segments, open, cancellationToken);
            adopted.Delete();
            adopted.Dispose();
            _adopted.Dequeue();
            LogAdopted(adopted.Path, segments.Count);
        }
    }

    /// <summary>Records what a process that is gone has left; its requests that were open are interrupted.</summary>
    private async Task ReplayAsync(IReadOnlyList<JournalSegment> segments, IReadOnlyList<JournalSegment> leftOpen, CancellationToken cancellationToken)
    {
        if (segments.Count + leftOpen.Count == 0)
        {
            return;
        }

        var (found, before) = (segments.Sum(CountOf), _done);
        Journal.Found(found);
        HashSet<Guid> over = [];
        List<int> damaged = [];
        try
        {
            foreach (var segment in segments)
            {
                damaged.Add(await ReadAsync(segment, over, cancellationToken));
            }

            List<LedgerEntry> interrupted = [];
            foreach (var file in leftOpen)
            {
                var (open, lost) = ReadOpen(file);
                interrupted.AddRange(open.Where(entry => over.Add(entry.Id)).Select(entry => entry with { Outcome = LedgerEntry.Interrupted, IsEstimated = true }));
                damaged.Add(lost);
            }

            found += interrupted.Count;
            Journal.Found(interrupted.Count);
            foreach (var batch in interrupted.Chunk(LedgerRecorder.MostAtOnce))
            {
                await recorder.RecordAsync(batch, cancellationToken);
                _done += batch.Length;
            }
        }
        catch (Exception)
        {
            // What is left is found again by the next try.
            Journal.Found(_done - before - found);
            throw;
        }

        await ledger.Heard();

        // Not before: what is over is not open, though its slot may say so.
        foreach (var (file, lines) in segments.Concat(leftOpen).Zip(damaged))
        {
            Remove(file, lines);
        }
    }

    /// <summary>Records a segment.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="over">Takes in whose requests are over; null where nobody asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many lines are damaged.</returns>
    private async Task<int> ReadAsync(JournalSegment segment, HashSet<Guid>? over, CancellationToken cancellationToken)
    {
        using var reader = TryOpen(segment);
        if (reader is null)
        {
            return 1;
        }

        List<LedgerEntry> batch = [];
        while (true)
        {
            var more = TryRead(reader, out var entry);
            if (more)
            {
                over?.Add(entry!.Id);
                batch.Add(entry!);
            }

            if (batch.Count == LedgerRecorder.MostAtOnce || (!more && batch.Count > 0))
            {
                await recorder.RecordAsync(batch, cancellationToken);
                _done += batch.Count;
                batch = [];
            }

            if (!more)
            {
                Journal.Drained(reader.DamagedLines);
                _done += reader.DamagedLines;
                return reader.Damaged;
            }
        }
    }

    private (IReadOnlyList<LedgerEntry> Entries, int Damaged) ReadOpen(JournalSegment file)
    {
        try
        {
            return OpenRequests.Read(file.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(exception);
            return ([], 1);
        }
    }

    private JournalReader? TryOpen(JournalSegment segment)
    {
        try
        {
            return new JournalReader(segment.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(exception);
            return null;
        }
    }

    // What a disk does not give back is damaged like what is written wrong.
    private bool TryRead(JournalReader reader, out LedgerEntry? entry)
    {
        try
        {
            return reader.TryRead(out entry);
        }
        catch (IOException exception)
        {
            LogUnreadable(exception);
            reader.GiveUp();
            entry = null;
            return false;
        }
    }

    private void Remove(JournalSegment segment, int damaged)
    {
        try
        {
            if (damaged > 0)
            {
                Journal.FoundDamaged(damaged);
                Directory.CreateDirectory(Journal.Folder);
                LogDamaged(damaged, segment.SetAside(Journal.Folder));
            }
            else
            {
                segment.Delete();
            }

            Journal.Freed(segment);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is read again at the next start, and nothing of it is recorded twice.
            LogNotRemoved(exception, segment.Path);
        }
    }

    private async Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        if (!IsDue(ref _lookedForOldAt, LooksForOld))
        {
            return;
        }

        try
        {
            var startedAt = time.GetTimestamp();
            if (await tables.DeleteSomeAsync(time.GetUtcNow() - configuration.Current.Options.Accounting.LedgerRetention, cancellationToken))
            {
                // Some at a time, and what comes goes first.
                await recorder.RestAsync(time.GetElapsedTime(startedAt), cancellationToken);
                _lookedForOldAt = null;
                Wake();
            }
        }
        catch (DatabaseException)
        {
            // Whoever records tells that it is away; in an hour there is more to forget.
        }
    }

    private bool IsDue(ref long? lastAt, TimeSpan interval)
    {
        if (lastAt is { } last && time.GetElapsedTime(last) < interval)
        {
            return false;
        }

        lastAt = time.GetTimestamp();
        return true;
    }

    private static int CountOf(JournalSegment segment)
    {
        try
        {
            return JournalReader.Count(segment.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it tells of it.
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Error, "The journal of a process that is gone cannot be looked at ({Path}); it is tried again.")]
    private partial void LogNotListed(Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "The ledger's journal could not be drained; it is tried again.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "A segment of the ledger's journal cannot be read to its end.")]
    private partial void LogUnreadable(Exception exception);

    [LoggerMessage(LogLevel.Warning, "A segment of the ledger's journal that is recorded cannot be removed: {Path}.")]
    private partial void LogNotRemoved(Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "{Lines} lines of the ledger's journal are damaged: what they recorded is missing in the ledger. The segment is kept as {Path}.")]
    private partial void LogDamaged(int lines, string path);

    [LoggerMessage(LogLevel.Information, "{Segments} segments of the journal of a process that is gone are recorded ({Path}).")]
    private partial void LogAdopted(string path, int segments);

    [LoggerMessage(LogLevel.Information, "{Entries} entries of the ledger are not in the database yet; the next start goes on with them.")]
    private partial void LogLeft(long entries);
}
