using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Labels;

/// <summary>The tables of labels and of their moves. Its caller sees to it that changes follow each other.</summary>
internal static class LabelTable
{
    /// <summary>The version that a label names; null for none.</summary>
    public static async Task<int?> FindAsync(DbConnection connection, string prompt, string label) =>
        (int?)await connection.QuerySingleOrDefaultAsync<long?>("SELECT version FROM prompt_labels WHERE prompt = @prompt AND label = @label", new { prompt, label });

    /// <summary>What has moved a label last; null where there is no such label.</summary>
    public static Task<string?> FindSourceAsync(DbConnection connection, string prompt, string label) =>
        connection.QuerySingleOrDefaultAsync<string?>("SELECT source FROM prompt_labels WHERE prompt = @prompt AND label = @label", new { prompt, label });

    /// <summary>Moves a label, and records that.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="move">The move; where it comes from is found out.</param>
    /// <returns>The move; null where the label names that version already.</returns>
    public static async Task<LabelMove?> MoveAsync(DbConnection connection, LabelMove move)
    {
        move = move with { From = await FindAsync(connection, move.Prompt, move.Label) };
        if (move.From == move.To)
        {
            return null;
        }

        // As it is kept, so that history says the same.
        var at = move.At.ToUnixTimeMilliseconds();
        if (move.To is { } version)
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO prompt_labels (prompt, label, version, source, moved_at) VALUES (@Prompt, @Label, @version, @Source, @at)
                ON CONFLICT (prompt, label) DO UPDATE SET version = @version, source = @Source, moved_at = @at
                """,
                new { move.Prompt, move.Label, version = (long)version, move.Source, at });
        }
        else
        {
            await connection.ExecuteAsync("DELETE FROM prompt_labels WHERE prompt = @Prompt AND label = @Label", new { move.Prompt, move.Label });
        }

        await connection.ExecuteAsync(
            """
            INSERT INTO prompt_moves (id, prompt, label, from_version, to_version, actor, source, comment, at)
            SELECT COALESCE(MAX(id), 0) + 1, @Prompt, @Label, @from, @to, @Actor, @Source, @Comment, @at FROM prompt_moves
            """,
            new { move.Prompt, move.Label, from = (long?)move.From, to = (long?)move.To, move.Actor, move.Source, move.Comment, at });
        return move with { At = DateTimeOffset.FromUnixTimeMilliseconds(at) };
    }

    /// <summary>
    /// The version that a label named before its latest move that is not rolled back: a second rollback goes further back, not forth
    /// to what the first has left. Null where it named none.
    /// </summary>
    public static async Task<int?> FindPreviousAsync(DbConnection connection, string prompt, string label)
    {
        var rolledBack = 0;
        foreach (var (source, from) in await connection.QueryAsync<(string Source, long? From)>(
            "SELECT source, from_version FROM prompt_moves WHERE prompt = @prompt AND label = @label ORDER BY id DESC", new { prompt, label }))
        {
            if (source == MoveSource.Rollback)
            {
                rolledBack++;
            }
            else if (rolledBack-- == 0)
            {
                return (int?)from;
            }
        }

        return null;
    }

    /// <summary>The moves of a prompt's labels, the latest first.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="most">How many at most.</param>
    public static async Task<IReadOnlyList<LabelMove>> HistoryAsync(DbConnection connection, string prompt, int most)
    {
        var rows = await connection.QueryAsync<Row>(
            """
            SELECT prompt, label, from_version AS FromVersion, to_version AS ToVersion, actor, source, comment, at
            FROM prompt_moves WHERE prompt = @prompt ORDER BY id DESC LIMIT @most
            """,
            new { prompt, most });
        return [.. rows.Select(row => new LabelMove(
            row.Prompt, row.Label, (int?)row.FromVersion, (int?)row.ToVersion, row.Actor, row.Source, row.Comment, DateTimeOffset.FromUnixTimeMilliseconds(row.At)))];
    }

    private sealed record Row
    {
        public required string Prompt { get; init; }

        public required string Label { get; init; }

        public long? FromVersion { get; init; }

        public long? ToVersion { get; init; }

        public required string Actor { get; init; }

        public required string Source { get; init; }

        public string? Comment { get; init; }

        public required long At { get; init; }
    }
}
