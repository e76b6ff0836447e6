using System.Globalization;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Records what requests cost: in the journal at once, in the database soon after.</summary>
internal sealed partial class UsageLedger(Journal journal, IDatabase database, ILogger<UsageLedger> logger) : IDisposable
{
    private readonly LedgerMetrics _metrics = new(journal);

    /// <summary>
    /// Called with entries once they are in the database, in the order of the journal; also, at a restart, with those that
    /// were there already. What it throws is logged.
    /// </summary>
    public event Action<IReadOnlyList<LedgerEntry>>? Recorded;

    /// <summary>
    /// Awaited between that and the end of the entries in the journal: from there they are told again after a sudden end of the
    /// process. It does not fail.
    /// </summary>
    public Func<Task> Heard { get; set; } = () => Task.CompletedTask;

    /// <summary>What is not in the database yet.</summary>
    public Journal Journal => journal;

    /// <summary>Completes when what earlier processes have left is recorded, in this one's folder and in those of processes that were gone when this one began: before, <see cref="SpentAsync"/> may not have it.</summary>
    public TaskCompletionSource Replayed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Notes that a request is about to spend up to so much. Where the process ends before the request does, the next one records it as interrupted, at this cost.</summary>
    /// <param name="entry">The request as far as it is known; its cost is the reservation. A later one takes its place.</param>
    public void Begin(LedgerEntry entry) => Journal.Begin(entry);

    /// <summary>Nothing is held for a request that was to begin.</summary>
    public void Forget(Guid id) => Journal.Forget(id);

    /// <summary>Records a request that is over. It is in the journal when this returns, so that the end of this process cannot lose it.</summary>
    public void Append(LedgerEntry entry) => Journal.Append(entry);

    /// <summary>Whether a request has begun (<see cref="Begin"/>) and is not over.</summary>
    public bool IsOpen(Guid id) => Journal.IsOpen(id);

    /// <summary>What was spent in a period by what the database has, the journals' backlog not included.</summary>
    /// <param name="counter">The counter, whose holder and period say what is counted.</param>
    /// <param name="except">Requests that are left out, where the database has them: they are counted elsewhere.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<NanoUsd> SpentAsync(BudgetCounter counter, IReadOnlyCollection<Guid> except, CancellationToken cancellationToken = default)
    {
        var column = counter.Kind switch
        {
            HolderKind.Tenant => "tenant",
            HolderKind.Team => "team",
            HolderKind.User => "user_name",
            HolderKind.Key => "key_id",
            _ => throw new ArgumentException($"A {counter.Kind} has no budget.", nameof(counter)),
        };
        // One statement: what is left out is what the sum has at that moment.
        var without = except.Count == 0 ? "" : $" - (SELECT COALESCE(SUM(cost_nano), 0) FROM ledger WHERE id IN ({string.Join(',', except.Select(id => $"'{id}'"))}))";
        var (from, until) = (Day(counter.From), counter.Until is { } end ? Day(DateOnly.FromDateTime(end.UtcDateTime)) : "9999-12-31");
        return new NanoUsd(await database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>(
                $"SELECT CAST((SELECT COALESCE(SUM(cost_nano), 0) FROM usage_daily WHERE {column} = @name AND day >= @from AND day < @until){without} AS BIGINT)",
                new { name = counter.Name, from, until }),
            cancellationToken));
    }

    /// <summary>Tells who wants to know that entries are in the database.</summary>
    public void Tell(IReadOnlyList<LedgerEntry> entries)
    {
        try
        {
            Recorded?.Invoke(entries);
        }
        catch (Exception exception)
        {
            // Whoever listens must not keep the ledger from going on.
            LogNotTold(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _metrics.Dispose();

    private static string Day(DateOnly day) => day.ToString(JournalLine.DayFormat, CultureInfo.InvariantCulture);

    [LoggerMessage(LogLevel.Error, "What the ledger has recorded was not taken in.")]
    private partial void LogNotTold(Exception exception);
}
