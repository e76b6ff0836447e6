using System.Threading.Channels;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Brings the journal into the database in the background: first what an earlier process has left, then what comes, and what
/// processes have left that are gone meanwhile.
/// </summary>
internal sealed partial class LedgerDrain(
    UsageLedger ledger, SegmentRecorder segments, LedgerRecorder recorder, LedgerTables tables, DataFolder folder, GatewayConfiguration configuration, TimeProvider time, ILogger<LedgerDrain> logger)
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
            await segments.ReplayAsync(Journal.LeftBehind, Journal.LeftOpen, cancellationToken);
            _isReplayed = true;
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var (ended, lines) = Journal.Take();
        ended.ToList().ForEach(_segments.Enqueue);
        lines.ToList().ForEach(_lines.Enqueue);
        while (_segments.TryPeek(out var segment))
        {
            await segments.RecordAsync(segment, cancellationToken);
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
            IReadOnlyList<JournalSegment> left, open;
            try
            {
                var journal = Path.Combine(adopted.Path, Journal.FolderName);
                (left, open) = (JournalSegment.In(journal), OpenRequests.In(journal));
                _cannotList = false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // To remove it would lose what it has.
                _cannotList = true;
                LogNotListed(exception, adopted.Path);
                return;
            }

            await segments.ReplayAsync(left, open, cancellationToken);
            folder.Clear(adopted);
            adopted.Dispose();
            _adopted.Dequeue();
            LogAdopted(adopted.Path, left.Count);
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

    [LoggerMessage(LogLevel.Error, "The journal of a process that is gone cannot be looked at ({Path}); it is tried again.")]
    private partial void LogNotListed(Exception exception, string path);

    [LoggerMessage(LogLevel.Error, "The ledger's journal could not be drained; it is tried again.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "{Segments} segments of the journal of a process that is gone are recorded ({Path}).")]
    private partial void LogAdopted(string path, int segments);

    [LoggerMessage(LogLevel.Information, "{Entries} entries of the ledger are not in the database yet; the next start goes on with them.")]
    private partial void LogLeft(long entries);
}
