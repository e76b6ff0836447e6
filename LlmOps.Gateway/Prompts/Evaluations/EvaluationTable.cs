using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Prompts.Evaluations;

/// <summary>The table of evaluations.</summary>
internal sealed class EvaluationTable(IDatabase database)
{
    // One that is added makes one too many, unless fewer are to be kept than before.
    private const int DeletedAtOnce = 1_000;

    /// <summary>Adds one, unless there is one of its id; where there are too many then, the oldest go.</summary>
    /// <param name="row">The row.</param>
    /// <param name="json">All of it, as it came.</param>
    /// <param name="most">How many are kept.</param>
    /// <param name="cancellationToken">Gives it up; it may be added all the same.</param>
    /// <returns>The one that was there, or this one, and whether it is this one.</returns>
    /// <exception cref="DatabaseException">The database cannot be asked, or refuses it; it may be added all the same.</exception>
    public Task<(StoredEvaluation Stored, bool IsNew)> AddAsync(EvaluationRow row, ReadOnlyMemory<byte> json, int most, CancellationToken cancellationToken)
    {
        // Compressed before the database's turn, which others wait for.
        var compressed = Deflated.Compress(json.Span);
        return database.WriteAsync(
            async connection =>
            {
                if (!await InsertAsync(connection, row, compressed))
                {
                    return ((await FindAsync(connection, row.Id))!, false);
                }

                await connection.ExecuteAsync(
                    $"DELETE FROM evaluations WHERE id IN (SELECT id FROM evaluations ORDER BY started_at DESC, id DESC LIMIT {DeletedAtOnce} OFFSET @most)", new { most });
                return (new StoredEvaluation(row, json), true);
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>One of them; null for none.</summary>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public Task<StoredEvaluation?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => FindAsync(connection, id.ToString()), cancellationToken);

    /// <summary>A page of them.</summary>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<EvaluationPage> ListAsync(EvaluationFilter filter, CancellationToken cancellationToken)
    {
        var (conditions, parameters) = Of(filter);
        parameters.Add("most", filter.Limit + 1);
        var where = conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)} ";
        var rows = await database.ReadAsync(
            async connection => (await connection.QueryAsync<EvaluationRow>($"SELECT {EvaluationRow.Columns} FROM evaluations {where}ORDER BY started_at DESC, id DESC LIMIT @most", parameters)).AsList(),
            cancellationToken);
        if (rows.Count <= filter.Limit)
        {
            return new EvaluationPage(rows, null);
        }

        var last = rows[filter.Limit - 1];
        return new EvaluationPage(rows[..filter.Limit], new EvaluationPlace(last.StartedAt, Guid.Parse(last.Id)));
    }

    private static (List<string> Conditions, DynamicParameters Parameters) Of(EvaluationFilter filter)
    {
        var (conditions, parameters) = (new List<string>(), new DynamicParameters());
        Add("prompt = @prompt", ("prompt", filter.Prompt));
        Add("status = @status", ("status", filter.Status));
        Add("started_at >= @since", ("since", filter.Since?.ToUnixTimeMilliseconds()));
        Add("(started_at, id) < (@at, @id)", ("at", filter.After?.StartedAt), ("id", filter.After?.Id.ToString()));
        return (conditions, parameters);

        void Add(string condition, params (string Name, object? Value)[] values)
        {
            if (values[0].Value is not null)
            {
                conditions.Add(condition);
                Array.ForEach(values, value => parameters.Add(value.Name, value.Value));
            }
        }
    }

    private static async Task<bool> InsertAsync(DbConnection connection, EvaluationRow row, byte[] json)
    {
        var parameters = new DynamicParameters(row);
        parameters.Add("json", json);
        return await connection.ExecuteAsync(
            """
            INSERT INTO evaluations (id, started_at, ended_at, prompt, baseline, variants, status, cases, actor, received_at, json)
            VALUES (@Id, @StartedAt, @EndedAt, @Prompt, @Baseline, @Variants, @Status, @Cases, @Actor, @ReceivedAt, @json) ON CONFLICT (id) DO NOTHING
            """,
            parameters) == 1;
    }

    private static async Task<StoredEvaluation?> FindAsync(DbConnection connection, string id) =>
        await connection.QuerySingleOrDefaultAsync<EvaluationRow?>($"SELECT {EvaluationRow.Columns} FROM evaluations WHERE id = @id", new { id }) is { } row
            && await connection.ExecuteScalarAsync<byte[]>("SELECT json FROM evaluations WHERE id = @id", new { id }) is { } json
            ? new StoredEvaluation(row, Deflated.Decompress(json))
            : null;
}

/// <summary>An evaluation that is kept.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Json">All of it, as it came.</param>
internal sealed record StoredEvaluation(EvaluationRow Row, ReadOnlyMemory<byte> Json);
