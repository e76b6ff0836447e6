using Dapper;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>The ledger's tables: a row for each request and for each of its attempts, and the sums of each day.</summary>
internal sealed class LedgerTables(IDatabase database)
{
    private const int DeletedAtOnce = 1000;

    private static readonly RowInsert<LedgerEntry> Requests = new(
        "ledger", "ON CONFLICT (id) DO NOTHING",
        new("id", entry => entry.Id.ToString()),
        new("at", entry => entry.At.ToUnixTimeMilliseconds()),
        new("request_id", entry => entry.RequestId),
        new("endpoint", entry => entry.Endpoint),
        new("tenant", entry => entry.Tenant),
        new("team", entry => entry.Team),
        new("user_name", entry => entry.User),
        new("key_id", entry => entry.Key),
        new("subject", entry => entry.Subject),
        new("model", entry => entry.Model),
        new("provider", entry => entry.Provider),
        new("provider_model", entry => entry.ProviderModel),
        new("prompt", entry => entry.Prompt),
        new("prompt_version", entry => entry.PromptVersion),
        new("variant", entry => entry.Variant),
        new("stream", entry => entry.Stream ? 1 : 0),
        new("outcome", entry => entry.Outcome),
        new("cache", entry => entry.Cache),
        new("input_tokens", entry => entry.InputTokens),
        new("output_tokens", entry => entry.OutputTokens),
        new("cost_nano", entry => entry.Cost?.Value),
        new("estimated", entry => entry.IsEstimated ? 1 : 0),
        new("saved_nano", entry => entry.Saved?.Value),
        new("duration_us", entry => Microseconds(entry.DurationMs)),
        new("first_chunk_us", entry => entry.FirstChunkMs is { } first ? Microseconds(first) : null),
        new("user_label", entry => entry.UserLabel),
        new("session", entry => entry.Session),
        new("experiment", entry => entry.Experiment),
        new("unit", entry => entry.Unit));

    private static readonly RowInsert<(string Id, int Number, LedgerAttempt Attempt)> Attempts = new(
        "ledger_attempts", "ON CONFLICT (id, number) DO NOTHING",
        new("id", row => row.Id),
        new("number", row => row.Number),
        new("operation", row => row.Attempt.Operation),
        new("provider", row => row.Attempt.Provider),
        new("model", row => row.Attempt.Model),
        new("outcome", row => row.Attempt.Outcome),
        new("input_tokens", row => row.Attempt.InputTokens),
        new("output_tokens", row => row.Attempt.OutputTokens),
        new("cost_nano", row => row.Attempt.Cost?.Value),
        new("estimated", row => row.Attempt.IsEstimated ? 1 : 0),
        new("duration_us", row => Microseconds(row.Attempt.DurationMs)));

    private bool IsPostgres => database.Name == "postgresql";

    /// <summary>Writes entries, those that are not there yet, and adds them to the sums.</summary>
    /// <exception cref="DatabaseException">The database cannot be asked; they may be written all the same, and are to be written again.</exception>
    public Task<int> WriteAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken) => database.WriteAsync(
        async connection =>
        {
            var inserted = (await Requests.ExecuteAsync(connection, IsPostgres, entries)).ToHashSet();

            // One that is in the batch twice is inserted once.
            var left = new HashSet<string>(inserted);
            var fresh = entries.Count == inserted.Count ? entries : [.. entries.Where(entry => left.Remove(entry.Id.ToString()))];
            await Attempts.ExecuteAsync(
                connection, IsPostgres, [.. fresh.SelectMany(entry => entry.Attempts.Select((attempt, index) => (entry.Id.ToString(), index + 1, attempt)))]);
            await UsageDay.Add.ExecuteAsync(connection, IsPostgres, UsageDay.Of(fresh));
            return fresh.Count;
        },
        cancellationToken: cancellationToken);

    /// <summary>Removes some of the requests that arrived before a time; the sums stay.</summary>
    /// <returns>Whether there may be more.</returns>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public Task<bool> DeleteSomeAsync(DateTimeOffset before, CancellationToken cancellationToken) => database.WriteAsync(
        async connection =>
        {
            // Ids begin with the time of the arrival.
            var ids = (await connection.QueryAsync<string>(
                "SELECT id FROM ledger WHERE id < @bound ORDER BY id LIMIT @most", new { bound = TimeOrderedId.LeastAt(before), most = DeletedAtOnce })).AsList();
            if (ids.Count == 0)
            {
                return false;
            }

            await connection.ExecuteAsync("DELETE FROM ledger_attempts WHERE id <= @last", new { last = ids[^1] });
            await connection.ExecuteAsync("DELETE FROM feedback WHERE id <= @last", new { last = ids[^1] });
            await connection.ExecuteAsync("DELETE FROM ledger WHERE id <= @last", new { last = ids[^1] });
            return ids.Count == DeletedAtOnce;
        },
        cancellationToken: cancellationToken);

    private static long Microseconds(double milliseconds) => (long)Math.Round(milliseconds * 1000);
}
