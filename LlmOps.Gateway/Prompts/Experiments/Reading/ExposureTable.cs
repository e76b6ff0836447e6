using Dapper;
using LlmOps.Gateway.Prompts.Feedback;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>The requests that took part in experiments: rows of the ledger, with their scores.</summary>
internal sealed class ExposureTable(PromptRecords records)
{
    // Others have their turn in between.
    private const int AtOnce = 10_000;

    /// <summary>Reads those of an experiment, the latest first.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public async IAsyncEnumerable<ExposureRow> ReadAsync(string experiment, int most, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Ids are of hexadecimal digits.
        var (last, left) = ("g", most);
        while (left > 0)
        {
            var count = Math.Min(AtOnce, left);
            var rows = await records.ReadAsync(
                async connection => (await connection.QueryAsync<ExposureRow>(
                    """
                    SELECT l.id, l.variant, l.unit, l.outcome, l.cache, l.input_tokens AS InputTokens, l.output_tokens AS OutputTokens, l.cost_nano AS CostNano, l.duration_us AS DurationUs, f.score
                    FROM ledger l LEFT JOIN feedback f ON f.id = l.id AND f.name = @name
                    WHERE l.experiment = @experiment AND l.id < @last ORDER BY l.id DESC LIMIT @count
                    """,
                    new { experiment, last, count, name = FeedbackTable.DefaultName })).AsList(),
                cancellationToken);
            foreach (var row in rows)
            {
                yield return row;
            }

            left = rows.Count < count ? 0 : left - count;
            last = rows.Count == 0 ? last : rows[^1].Id;
        }
    }
}

/// <summary>A request that took part.</summary>
internal sealed record ExposureRow
{
    public required string Id { get; init; }

    public required string Variant { get; init; }

    public required string Unit { get; init; }

    public required string Outcome { get; init; }

    public required string Cache { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>Billionths of a dollar; null where it is not known.</summary>
    public long? CostNano { get; init; }

    /// <summary>Microseconds.</summary>
    public required long DurationUs { get; init; }

    public double? Score { get; init; }
}
