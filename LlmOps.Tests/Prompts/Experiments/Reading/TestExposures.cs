using System.Globalization;
using Dapper;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Experiments.Reading;
using LlmOps.Gateway.Prompts.Records;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Prompts.Experiments.Reading;

/// <summary>A ledger of made-up requests, which an experiment is read from.</summary>
internal sealed class TestExposures : IDisposable
{
    private static int _lastId;

    private readonly SqliteDatabase _database = new(path: null, TimeProvider.System);
    private readonly PromptRecords _records;

    // The folder is used with a database that others share alone.
    public TestExposures() => _records = new PromptRecords(_database, null!, TimeProvider.System, TestDatabase.LoggerOf<PromptRecords>(new CollectedLogs()));

    /// <summary>A request.</summary>
    public static ExposureRow Row(
        string variant, string unit, string outcome = "ok", string cache = "miss", double milliseconds = 10, long? input = 3, long? output = 4, long? nanoDollars = 1_000_000_000, double? score = null) => new()
        {
            Id = Interlocked.Increment(ref _lastId).ToString("d8", CultureInfo.InvariantCulture),
            Variant = variant,
            Unit = unit,
            Outcome = outcome,
            Cache = cache,
            InputTokens = input,
            OutputTokens = output,
            CostNano = nanoDollars,
            DurationUs = (long)(milliseconds * 1_000),
            Score = score,
        };

    /// <summary>Puts requests into the ledger.</summary>
    /// <param name="rows">The requests.</param>
    /// <param name="experiment">What they took part in.</param>
    /// <param name="score">What was scored.</param>
    public async Task AddAsync(IReadOnlyCollection<ExposureRow> rows, string experiment = "tone", string score = "score") => await _database.WriteAsync(async connection =>
    {
        await connection.ExecuteAsync(
            """
            INSERT INTO ledger (id, at, request_id, endpoint, tenant, subject, variant, stream, outcome, cache, input_tokens, output_tokens, cost_nano, estimated, duration_us, experiment, unit)
            VALUES (@Id, 0, @Id, '/x', 'acme', 'ann', @Variant, 0, @Outcome, @Cache, @InputTokens, @OutputTokens, @CostNano, 0, @DurationUs, @experiment, @Unit)
            """,
            rows.Select(row => new { row.Id, row.Variant, row.Outcome, row.Cache, row.InputTokens, row.OutputTokens, row.CostNano, row.DurationUs, row.Unit, experiment }));
        return await connection.ExecuteAsync(
            "INSERT INTO feedback (id, name, score, at) VALUES (@Id, @score, @Score, 0)", rows.Where(row => row.Score is not null).Select(row => new { row.Id, score, row.Score }));
    });

    /// <summary>Reads an experiment.</summary>
    public Task<ExperimentReading> ReadAsync(Experiment? experiment = null) => ExperimentReading.ReadAsync(experiment ?? TestedPrompts.Running(), new ExposureTable(_records), CancellationToken.None);

    public void Dispose()
    {
        _records.Dispose();
        _database.Dispose();
    }
}
