using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Inserts many rows into a table: in PostgreSQL by one statement for all, whose parameters are arrays, as a statement for each
/// would wait for the network; in SQLite by one prepared statement for each, at its own interface, as ADO.NET's takes as long
/// again to look up each parameter's name and type.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="onConflict">What is done where a row is there already, such as DO NOTHING.</param>
/// <param name="columns">The columns; the first one is returned.</param>
internal sealed class RowInsert<T>(string table, string onConflict, params RowColumn<T>[] columns)
{
    private readonly string _names = string.Join(", ", columns.Select(column => column.Name));
    private readonly string _places = string.Join(", ", columns.Select(_ => "?"));
    private readonly string _parameters = string.Join(", ", columns.Select(column => $"@{column.Name}"));

    /// <summary>Inserts them.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="isPostgres">Whether it is PostgreSQL's.</param>
    /// <param name="rows">The rows.</param>
    /// <returns>The first column of those that were inserted or changed.</returns>
    public async Task<IReadOnlyCollection<string>> ExecuteAsync(DbConnection connection, bool isPostgres, IReadOnlyList<T> rows) =>
        rows.Count == 0 ? [] : isPostgres ? await ExecuteAtOnceAsync(connection, rows) : ExecuteOneByOne(((SqliteConnection)connection).Handle!, rows);

    private async Task<IReadOnlyCollection<string>> ExecuteAtOnceAsync(DbConnection connection, IReadOnlyList<T> rows)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} ({_names}) SELECT * FROM unnest({_parameters}) {onConflict} RETURNING {columns[0].Name}";
        foreach (var column in columns)
        {
            var parameter = Add(command, column.Name);
            parameter.Value = column.Text is { } text ? rows.Select(text).ToArray() : rows.Select(column.Number!).ToArray();
        }

        await using var reader = await command.ExecuteReaderAsync();
        List<string> returned = [];
        while (await reader.ReadAsync())
        {
            returned.Add(reader.GetString(0));
        }

        return returned;
    }

    // SQLite's calls do not wait, they block.
    private List<string> ExecuteOneByOne(sqlite3 database, IReadOnlyList<T> rows)
    {
        Check(raw.sqlite3_prepare_v2(database, $"INSERT INTO {table} ({_names}) VALUES ({_places}) {onConflict}", out var statement), database);
        using (statement)
        {
            List<string> changed = [];
            foreach (var row in rows)
            {
                for (var index = 0; index < columns.Length; index++)
                {
                    Check(columns[index].Bind(statement, index + 1, row), database);
                }

                Check(raw.sqlite3_step(statement), database);
                if (raw.sqlite3_changes(database) > 0)
                {
                    changed.Add(columns[0].Text!(row)!);
                }

                Check(raw.sqlite3_reset(statement), database);
            }

            return changed;
        }
    }

    private static void Check(int result, sqlite3 database)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(result, database);
        }
    }

    private static DbParameter Add(DbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@" + name;
        command.Parameters.Add(parameter);
        return parameter;
    }
}

/// <summary>A column: of texts, or of numbers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">A row's text; null for a column of numbers.</param>
/// <param name="Number">A row's number; null for a column of texts.</param>
internal sealed record RowColumn<T>(string Name, Func<T, string?>? Text, Func<T, long?>? Number)
{
    /// <summary>A column of texts.</summary>
    public RowColumn(string name, Func<T, string?> text)
        : this(name, text, null)
    {
    }

    /// <summary>A column of numbers.</summary>
    public RowColumn(string name, Func<T, long?> number)
        : this(name, null, number)
    {
    }

    /// <summary>Binds a row's value to a place of a statement of SQLite.</summary>
    /// <returns>SQLite's result code.</returns>
    public int Bind(sqlite3_stmt statement, int place, T row) =>
        Text?.Invoke(row) is { } text ? raw.sqlite3_bind_text(statement, place, text)
        : Number?.Invoke(row) is { } number ? raw.sqlite3_bind_int64(statement, place, number)
        : raw.sqlite3_bind_null(statement, place);
}
