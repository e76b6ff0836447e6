using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>The tables of experiments and of what was done to them. Its caller sees to it that changes follow each other.</summary>
internal static class ExperimentTable
{
    /// <summary>An experiment; null for none.</summary>
    public static Task<ExperimentRow?> FindAsync(DbConnection connection, string name) =>
        connection.QuerySingleOrDefaultAsync<ExperimentRow?>($"SELECT {ExperimentRow.Columns} FROM experiments WHERE name = @name", new { name });

    /// <summary>The experiment of a prompt that runs; null for none.</summary>
    public static Task<ExperimentRow?> FindRunningAsync(DbConnection connection, string prompt) =>
        connection.QueryFirstOrDefaultAsync<ExperimentRow?>($"SELECT {ExperimentRow.Columns} FROM experiments WHERE prompt = @prompt AND state = 'running'", new { prompt });

    /// <summary>Adds one.</summary>
    public static Task AddAsync(DbConnection connection, ExperimentRow row) => connection.ExecuteAsync(
        """
        INSERT INTO experiments (name, prompt, definition, state, share, guard, source, paused_variants, winner, created_at, started_at, ended_at)
        VALUES (@Name, @Prompt, @Definition, @State, @Share, @Guard, @Source, @PausedVariants, @Winner, @CreatedAt, @StartedAt, @EndedAt)
        """,
        row);

    /// <summary>Replaces what can change of one.</summary>
    public static Task UpdateAsync(DbConnection connection, ExperimentRow row) => connection.ExecuteAsync(
        """
        UPDATE experiments SET state = @State, share = @Share, guard = @Guard, paused_variants = @PausedVariants, winner = @Winner, started_at = @StartedAt, ended_at = @EndedAt
        WHERE name = @Name
        """,
        row);

    /// <summary>Pauses one.</summary>
    /// <returns>Whether it ran.</returns>
    public static async Task<bool> PauseAsync(DbConnection connection, string name) =>
        await connection.ExecuteAsync("UPDATE experiments SET state = 'paused' WHERE name = @name AND state = 'running'", new { name }) == 1;

    /// <summary>Records what was done to one.</summary>
    public static Task AddEventAsync(DbConnection connection, ExperimentEvent done) => connection.ExecuteAsync(
        """
        INSERT INTO experiment_events (id, experiment, action, actor, comment, at)
        SELECT COALESCE(MAX(id), 0) + 1, @Experiment, @Action, @Actor, @Comment, @at FROM experiment_events
        """,
        new { done.Experiment, done.Action, done.Actor, done.Comment, at = done.At.ToUnixTimeMilliseconds() });

    /// <summary>What was done to one, the latest first.</summary>
    public static async Task<IReadOnlyList<ExperimentEvent>> EventsAsync(DbConnection connection, string experiment, int most)
    {
        var rows = await connection.QueryAsync<(string Action, string Actor, string? Comment, long At)>(
            "SELECT action, actor, comment, at FROM experiment_events WHERE experiment = @experiment ORDER BY id DESC LIMIT @most", new { experiment, most });
        return [.. rows.Select(row => new ExperimentEvent(experiment, row.Action, row.Actor, row.Comment, DateTimeOffset.FromUnixTimeMilliseconds(row.At)))];
    }
}

/// <summary>Something that was done to an experiment.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Action">created, started, paused, share, guard, variant_paused, variant_resumed, decided.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Comment">Why, or what; null for nothing.</param>
/// <param name="At">When.</param>
internal sealed record ExperimentEvent(string Experiment, string Action, string Actor, string? Comment, DateTimeOffset At);
