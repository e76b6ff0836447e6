using System.Data.Common;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Inserts many rows into a table: in SQLite by one prepared statement for each, in PostgreSQL by one for all, whose
/// parameters are arrays. There a row for each statement would wait for the network, and here a statement with thousands of
/// parameters looks each of them up by its name.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="onConflict">What is done where a row is there already, such as DO NOTHING.</param>
/// <param name="columns">The columns; the first one is returned.</param>
internal sealed class RowInsert<T>(string table, string onConflict, params RowColumn<T>[] columns)
{
    private readonly string _names = string.Join(", ", columns.Select(column => column.Name));
    private readonly string _parameters = string.Join(", ", columns.Select(column => $"@{column.Name}"));

    /// <summary>Inserts them.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="isPostgres">Whether it is PostgreSQL's.</param>
    /// <param name="rows">The rows.</param>
    /// <returns>The first column of those that were inserted or changed.</returns>
    public async Task<IReadOnlyCollection<string>> ExecuteAsync(DbConnection connection, bool isPostgres, IReadOnlyList<T> rows) =>
        rows.Count == 0 ? [] : isPostgres ? await ExecuteAtOnceAsync(connection, rows) : ExecuteOneByOne(connection, rows);

    private async Task<IReadOnlyCollection<string>> ExecuteAtOnceAsync(DbConnection connection, IReadOnlyList<T> rows)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} ({_names}) SELECT * FROM unnest({_parameters}) {onConflict} RETURNING {columns[0].Name}";
        foreach (var column in columns)
        {
            var parameter = Add(command, column.Name);
            parameter.Value = column.Text is { } text ? rows.Select(text).ToArray() : column.Bytes is { } bytes ? rows.Select(bytes).ToArray() : rows.Select(column.Number!).ToArray();
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
    private List<string> ExecuteOneByOne(DbConnection connection, IReadOnlyList<T> rows)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} ({_names}) VALUES ({_parameters}) {onConflict}";
        var parameters = Array.ConvertAll(columns, column => Add(command, column.Name));
        List<string> changed = [];
        foreach (var row in rows)
        {
            for (var index = 0; index < columns.Length; index++)
            {
                parameters[index].Value = columns[index].ValueOf(row);
            }

            if (command.ExecuteNonQuery() > 0)
            {
                changed.Add(columns[0].Text!(row)!);
            }
        }

        return changed;
    }

    private static DbParameter Add(DbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@" + name;
        command.Parameters.Add(parameter);
        return parameter;
    }
}

/// <summary>A column: of texts, of numbers, or of bytes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">A row's text; null for a column of something else.</param>
/// <param name="Number">A row's number; null for a column of something else.</param>
/// <param name="Bytes">A row's bytes; null for a column of something else.</param>
internal sealed record RowColumn<T>(string Name, Func<T, string?>? Text, Func<T, long?>? Number, Func<T, byte[]>? Bytes)
{
    private static readonly object Zero = 0L;
    private static readonly object One = 1L;

    /// <summary>A column of texts.</summary>
    public RowColumn(string name, Func<T, string?> text)
        : this(name, text, null, null)
    {
    }

    /// <summary>A column of numbers.</summary>
    public RowColumn(string name, Func<T, long?> number)
        : this(name, null, number, null)
    {
    }

    /// <summary>A column of bytes.</summary>
    public RowColumn(string name, Func<T, byte[]> bytes)
        : this(name, null, null, bytes)
    {
    }

    /// <summary>A row's value.</summary>
    public object ValueOf(T row) => (object?)Text?.Invoke(row) ?? (object?)Bytes?.Invoke(row) ?? Number?.Invoke(row) switch
    {
        null => DBNull.Value,
        0 => Zero,
        1 => One,
        { } number => number,
    };
}
