using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Brings entries into the database, however long that takes: where it is away, it is tried again until it is back. In between it rests, so
/// that requests have the machine, unless there is much to do.
/// </summary>
internal sealed partial class LedgerRecorder(UsageLedger ledger, LedgerTables tables, TimeProvider time, ILogger<LedgerRecorder> logger)
{
    /// <summary>Most entries of one transaction.</summary>
    public const int MostAtOnce = 500;

    // A twentieth of the time: some thousand requests a second, more than models answer. What comes faster waits on the disk, until it is so
    // much that it must not become more.
    private const int RestPerWork = 19;
    private const int MuchToDo = 500_000;

    private const string RefusedName = "refused.damaged";
    private const long MostRefusedBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    private string? _fault;

    /// <summary>Why the database does not take entries; null while it does.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>Whether it makes no pauses, as the process is about to end.</summary>
    public bool Hurries { get; set; }

    /// <summary>Records entries, and tells of it.</summary>
    /// <exception cref="OperationCanceledException">They may be recorded, or not.</exception>
    public async Task RecordAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        var took = await WriteAsync(entries, cancellationToken);
        ledger.Journal.Drained(entries.Count);
        ledger.Tell(entries);
        await RestAsync(took, cancellationToken);
    }

    /// <summary>Leaves the machine to others after work of some time.</summary>
    public async Task RestAsync(TimeSpan worked, CancellationToken cancellationToken)
    {
        // What earlier processes have left, budgets wait for.
        if (!Hurries && ledger.Replayed.Task.IsCompleted && ledger.Journal.Depth < MuchToDo)
        {
            var rest = worked * RestPerWork;
            await Task.Delay(rest < LongestRest ? rest : LongestRest, time, cancellationToken);
        }
    }

    private async Task<TimeSpan> WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        for (var backoff = FirstBackoff; ; backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff)
        {
            try
            {
                var startedAt = time.GetTimestamp();
                await TryWriteAsync(entries, cancellationToken);
                if (_fault is not null)
                {
                    _fault = null;
                    LogBack(ledger.Journal.Depth);
                }

                return time.GetElapsedTime(startedAt);
            }
            catch (DatabaseException exception)
            {
                if (_fault is null)
                {
                    LogAway(exception.Message);
                }

                _fault = exception.Message;
                await Task.Delay(backoff, time, cancellationToken);
            }
        }
    }

    private async Task TryWriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            await tables.WriteAsync(entries, cancellationToken);
        }
        catch (DatabaseException exception) when (exception.IsRefused)
        {
            await WriteEachAsync(entries, exception, cancellationToken);
        }
    }

    // One entry that the database can never take must not keep the others from it. Where it takes none at all, that is no fault of theirs.
    private async Task WriteEachAsync(IReadOnlyList<LedgerEntry> entries, DatabaseException refusal, CancellationToken cancellationToken)
    {
        List<LedgerEntry> refused = [];
        foreach (var entry in entries)
        {
            try
            {
                await tables.WriteAsync([entry], cancellationToken);
            }
            catch (DatabaseException exception) when (exception.IsRefused)
            {
                refused.Add(entry);
                refusal = exception;
            }
        }

        if (refused.Count == entries.Count)
        {
            throw refusal;
        }

        foreach (var entry in refused)
        {
            LogRefused(entry.Id, refusal.Message, SetAside(entry));
        }
    }

    // Where nobody reads it but people.
    private string SetAside(LedgerEntry entry)
    {
        ledger.Journal.FoundDamaged(1);
        var path = Path.Combine(ledger.Journal.Folder, RefusedName);
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length < MostRefusedBytes)
            {
                File.AppendAllBytes(path, JournalLine.Write(entry));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is told by its id at least.
        }

        return path;
    }

    [LoggerMessage(LogLevel.Error, "The database refuses the ledger's entry {Id}: {Reason} It is kept in {Path}.")]
    private partial void LogRefused(Guid id, string reason, string path);

    [LoggerMessage(LogLevel.Warning, "The database does not take the ledger's entries: {Reason} They wait in the journal.")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Information, "The database takes the ledger's entries again; {Waiting} wait.")]
    private partial void LogBack(long waiting);
}
