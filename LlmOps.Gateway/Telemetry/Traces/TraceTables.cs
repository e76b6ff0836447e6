using System.Data.Common;
using System.Text;
using Dapper;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>The tables of the trace store: a small row for each request, its details, and scores that are not feedback.</summary>
internal sealed class TraceTables(IDatabase database)
{
    private const int DeletedAtOnce = 1000;

    // About what a row and its entries in indexes take beside the details.
    private const int SizeOfRow = 500;

    private static readonly RowInsert<StoredTrace> Heads = new(
        "traces", "ON CONFLICT (id) DO NOTHING",
        new("id", row => row.Id),
        new("at", row => row.Request.At.ToUnixTimeMilliseconds()),
        new("request_id", row => Clean(row.Request.RequestId)),
        new("tenant", row => Clean(row.Request.Tenant)),
        new("model", row => Clean(row.Request.Model)),
        new("prompt", row => Clean(row.Request.Prompt)),
        new("prompt_version", row => Clean(row.Request.PromptVersion)),
        new("variant", row => Clean(row.Request.Variant)),
        new("experiment", row => Clean(row.Request.Experiment)),
        new("outcome", row => row.Request.Outcome),
        new("status", row => row.Trace.Status),
        new("cache", row => row.Request.Cache),
        new("cost_nano", row => row.Request.Cost?.Value),
        new("input_tokens", row => row.Request.InputTokens),
        new("output_tokens", row => row.Request.OutputTokens),
        new("duration_us", row => (long)Math.Round(row.Request.DurationMs * 1000)),
        new("size", row => row.Size));

    private static readonly RowInsert<StoredTrace> Details = new(
        "trace_details", "ON CONFLICT (id) DO NOTHING",
        new("id", row => row.Id),
        new("json", row => row.Json));

    /// <summary>Writes what is not there yet.</summary>
    /// <param name="traces">Traces.</param>
    /// <param name="scores">Scores; each replaces an earlier one of its request and name.</param>
    /// <param name="cancellationToken">Gives it up; they may be written all the same.</param>
    /// <exception cref="DatabaseException">The database cannot be asked, or refuses them; they may be written all the same.</exception>
    public Task<int> WriteAsync(IReadOnlyList<RequestTrace> traces, IReadOnlyList<ScoreGiven> scores, CancellationToken cancellationToken)
    {
        // Compressed before the database's turn, which others wait for.
        var rows = traces.DistinctBy(trace => trace.EventId).Select(trace => new StoredTrace(trace, TraceJson.Write(trace))).ToList();
        return database.WriteAsync(
            async connection =>
            {
                var isPostgres = database.Name == PostgresDatabase.DatabaseName;
                var inserted = (await Heads.ExecuteAsync(connection, isPostgres, rows)).ToHashSet();
                var fresh = rows.Where(row => inserted.Contains(row.Id)).ToList();
                await Details.ExecuteAsync(connection, isPostgres, fresh);
                if (fresh.Count > 0)
                {
                    // Last, as others wait for it until this is committed.
                    await AddAsync(connection, fresh.Sum(row => row.Size));
                }

                foreach (var score in scores)
                {
                    await SetAsync(connection, score);
                }

                return fresh.Count;
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>Everything that is known of a request.</summary>
    /// <param name="id">Its internal id, or its X-Request-ID, which the newest of that id is meant by.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public Task<TraceFound?> FindAsync(string id, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            var label = new { id = Guid.TryParse(id, out var guid) ? guid.ToString() : id, request = id };
            var row = await connection.QueryFirstOrDefaultAsync<(string Id, byte[] Json)?>("SELECT id, json FROM trace_details WHERE id = @id", label)
                ?? await connection.QueryFirstOrDefaultAsync<(string Id, byte[] Json)?>(
                    "SELECT t.id, d.json FROM traces t JOIN trace_details d ON d.id = t.id WHERE t.request_id = @request ORDER BY t.id DESC LIMIT 1", label);
            if (row is not { } found)
            {
                return null;
            }

            var feedback = await connection.QueryAsync<TraceScore>("SELECT name, score AS Value, comment, at FROM feedback WHERE id = @Id ORDER BY at, name", new { found.Id });
            var scores = await connection.QueryAsync<TraceScore>("SELECT name, source, value, comment, at FROM scores WHERE id = @Id ORDER BY at, name", new { found.Id });
            return new TraceFound(TraceJson.Read(found.Json), feedback.AsList(), scores.AsList());
        },
        cancellationToken);

    /// <summary>Removes some of the oldest traces, as far as they are too old, or all of them too large together.</summary>
    /// <param name="before">Those that arrived before this time go.</param>
    /// <param name="mostBytes">The oldest go until no more bytes are left.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Whether there may be more to remove.</returns>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<bool> DeleteSomeAsync(DateTimeOffset before, long mostBytes, CancellationToken cancellationToken)
    {
        var bound = TimeOrderedId.LeastAt(before);
        var isDue = await database.ReadAsync(
            async connection => await connection.ExecuteScalarAsync<long>("SELECT bytes FROM trace_totals") > mostBytes
                || await connection.ExecuteScalarAsync<string>("SELECT MIN(id) FROM traces") is { } first && string.CompareOrdinal(first, bound) < 0
                || await connection.ExecuteScalarAsync<string>("SELECT MIN(id) FROM scores") is { } scored && string.CompareOrdinal(scored, bound) < 0,
            cancellationToken);
        return isDue && await database.WriteAsync(connection => DeleteSomeAsync(connection, bound, mostBytes), cancellationToken: cancellationToken);
    }

    private static async Task<bool> DeleteSomeAsync(DbConnection connection, string bound, long mostBytes)
    {
        // First, so that replicas remove one after the other, and none what another has removed.
        var bytes = await AddAsync(connection, 0);
        var oldest = (await connection.QueryAsync<(string Id, long Size)>($"SELECT id, size FROM traces ORDER BY id LIMIT {DeletedAtOnce}")).AsList();
        var (last, count) = ("", 0);
        foreach (var (id, size) in oldest)
        {
            if (string.CompareOrdinal(id, bound) >= 0 && bytes <= mostBytes)
            {
                break;
            }

            (last, bytes, count) = (id, bytes - size, count + 1);
        }

        // One that was written late is among them too.
        var removed = await connection.QueryAsync<long>("DELETE FROM traces WHERE id <= @last RETURNING size", new { last });
        await connection.ExecuteAsync("DELETE FROM trace_details WHERE id <= @last", new { last });
        await connection.ExecuteAsync("DELETE FROM scores WHERE id <= @last OR id < @bound", new { last, bound });
        await AddAsync(connection, -removed.Sum());
        return count == DeletedAtOnce;
    }

    private static Task<long> AddAsync(DbConnection connection, long bytes) =>
        connection.ExecuteScalarAsync<long>("UPDATE trace_totals SET bytes = bytes + @bytes RETURNING bytes", new { bytes });

    // One that comes late does not replace a later one.
    private static Task<int> SetAsync(DbConnection connection, ScoreGiven score) => connection.ExecuteAsync(
        """
        INSERT INTO scores (id, name, source, value, comment, at) VALUES (@id, @name, @source, @value, @comment, @at)
        ON CONFLICT (id, name) DO UPDATE SET source = excluded.source, value = excluded.value, comment = excluded.comment, at = excluded.at WHERE scores.at <= excluded.at
        """,
        new
        {
            id = score.RequestId.ToString(),
            name = Clean(score.Name),
            source = Clean(score.Source),
            value = score.Value,
            comment = Clean(score.Comment),
            at = score.At.ToUnixTimeMilliseconds(),
        });

    // PostgreSQL's text has no zeros, and no halves of characters.
    private static string? Clean(string? text) =>
        text is null || Ascii.IsValid(text) && !text.Contains('\0', StringComparison.Ordinal) ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');

    private sealed record StoredTrace(RequestTrace Trace, byte[] Json)
    {
        public string Id { get; } = Trace.EventId.ToString();

        public LedgerEntry Request => Trace.Request;

        public long Size => SizeOfRow + Json.Length;
    }
}

/// <summary>A trace, with what was said of it since.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="Feedback">What callers said.</param>
/// <param name="Scores">What judges and evaluations said.</param>
internal sealed record TraceFound(RequestTrace Trace, IReadOnlyList<TraceScore> Feedback, IReadOnlyList<TraceScore> Scores);

/// <summary>A score of a request.</summary>
internal sealed record TraceScore
{
    public required string Name { get; init; }

    /// <summary>Who scored; null for callers.</summary>
    public string? Source { get; init; }

    public double Value { get; init; }

    public string? Comment { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long At { get; init; }
}
