using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>
/// Finds traces, newest first. A page costs the same wherever it lies, as it begins at an id, not at a number; and not more than some
/// traces looked at, whatever is asked for: where those that fit are seldom it has fewer of them, or none, and tells where to go on.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="atOnce">Traces that one statement looks at, at most: the database has others to serve in between, and SQLite does one thing at a time.</param>
/// <param name="times">Statements for a page, at most.</param>
internal sealed class TraceSearch(IDatabase database, int atOnce = 10_000, int times = 5)
{
    // Of two indexes the better one is that with fewer entries; from so many on there is no telling.
    private const int MostCounted = 2_000;

    /// <summary>Finds a page.</summary>
    /// <param name="filter">What is asked for.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<TracePage> FindAsync(TraceFilter filter, CancellationToken cancellationToken)
    {
        var conditions = TraceConditions.Of(filter);
        var path = conditions.Paths.Count > 1
            ? await database.ReadAsync(connection => ChooseAsync(connection, conditions), cancellationToken)
            : conditions.Paths.SingleOrDefault();
        List<TraceRow> found = [];
        string? before = conditions.Before;
        for (var look = 0; before is not null && look < times; look++)
        {
            var (begin, most) = (before, filter.Limit + 1 - found.Count);
            (var rows, before) = await database.ReadAsync(connection => LookAsync(connection, conditions, path, begin, most), cancellationToken);
            found.AddRange(rows);
            if (found.Count > filter.Limit)
            {
                return new TracePage(found[..filter.Limit], found[filter.Limit - 1].Id);
            }
        }

        return new TracePage(found, before);
    }

    // Which rows one look is at, in the order of an index.
    private static string Rows(string columns, string? path) =>
        $"SELECT {columns} FROM traces WHERE {(path is null ? "" : $"{path} AND ")}id < @before AND id >= @from";

    private static async Task<string> ChooseAsync(DbConnection connection, TraceConditions conditions)
    {
        conditions.Parameters.Add("before", conditions.Before);
        var (best, fewest) = (conditions.Paths[0], long.MaxValue);
        foreach (var path in conditions.Paths)
        {
            var count = await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM ({Rows("1", path)} LIMIT {MostCounted}) AS counted", conditions.Parameters);
            (best, fewest) = count < fewest ? (path, count) : (best, fewest);
        }

        return best;
    }

    // The rows that fit, and where the next look begins; null for nowhere.
    private async Task<(List<TraceRow> Rows, string? Last)> LookAsync(DbConnection connection, TraceConditions conditions, string? path, string before, int most)
    {
        conditions.Parameters.Add("before", before);
        conditions.Parameters.Add("most", most);
        var where = string.Join(" AND ", conditions.All);
        var isPath = where == (path ?? "");

        // What is selected from is in order already: PostgreSQL knows it, SQLite would sort all of it before it gives the first.
        var order = database.Name == SqliteDatabase.DatabaseName ? "" : " ORDER BY id DESC";
        var rows = (await connection.QueryAsync<TraceRow>(
            isPath
                ? $"{Rows(TraceRow.Columns, path)} ORDER BY id DESC LIMIT @most"
                : $"SELECT {TraceRow.Columns} FROM ({Rows("*", path)} ORDER BY id DESC LIMIT {atOnce}) AS looked WHERE {where}{order} LIMIT @most",
            conditions.Parameters)).AsList();
        var last = rows.Count == most ? rows[^1].Id
            : isPath ? null
            : await connection.QueryFirstOrDefaultAsync<string>($"{Rows("id", path)} ORDER BY id DESC LIMIT 1 OFFSET {atOnce - 1}", conditions.Parameters);
        return (rows, last);
    }
}
