using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>The runs of this process in its experiment: one for each day, in UTC.</summary>
internal sealed class MLflowRuns(MLflowServer server, string experiment, MLflowFacts facts, TimeProvider time)
{
    // Values of parameters may have 6,000 characters, in older servers 500; tags 5,000.
    private const int LongestValue = 500;
    private const int MostParameters = 100;
    private const string Active = "active";

    private string? _experimentId;
    private MLflowRun? _run;

    /// <summary>The run of today; made where there is none.</summary>
    /// <exception cref="SinkException">MLflow is away, or the experiment was deleted.</exception>
    public async Task<MLflowRun> CurrentAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (_run is { } old && old.Day != today)
        {
            await FinishAsync(cancellationToken);
        }

        if (_run is null)
        {
            _experimentId ??= await ExperimentAsync(cancellationToken);
            _run = await CreateAsync(_experimentId, today, cancellationToken);
        }

        if (!_run.HasParameters)
        {
            // They cannot be changed once they are written; the same values again are no change.
            await DescribeAsync(_run, cancellationToken);
            _run.HasParameters = true;
        }

        return _run;
    }

    /// <summary>The run is gone, by somebody's hand: the next one is made where it is needed.</summary>
    public void Forget() => (_run, _experimentId) = (null, null);

    /// <summary>Ends the run, if there is one.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_run is { } run)
        {
            var reply = await PostAsync("runs/update", new JsonObject { ["run_id"] = run.Id, ["status"] = "FINISHED", ["end_time"] = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);
            _run = null;
            if (reply.Error is not (null or MLflowServer.NotThere or MLflowServer.Invalid))
            {
                reply.ThrowIfError("end a run");
            }
        }
    }

    private async Task<string> ExperimentAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } found)
        {
            return found;
        }

        var made = await PostAsync("experiments/create", new JsonObject { ["name"] = experiment }, cancellationToken);
        return made.Error == MLflowServer.Exists
            ? await FindAsync(cancellationToken) ?? throw new SinkException($"mlflow has and has not an experiment {experiment}.")
            : made.Text("make an experiment", "experiment_id");
    }

    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        var reply = await server.CallAsync(HttpMethod.Get, $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(experiment)}", default, cancellationToken);
        if (reply.Error == MLflowServer.NotThere)
        {
            return null;
        }

        const string what = "tell of an experiment";
        return reply.Text(what, "experiment", "lifecycle_stage") == Active
            ? reply.Text(what, "experiment", "experiment_id")
            : throw new SinkException($"mlflow's experiment {experiment} was deleted: restore it, remove it for good (mlflow gc), or set another one as Gateway:Telemetry:MLflow:Experiment (MLFLOW_EXPERIMENT_NAME).");
    }

    private async Task<MLflowRun> CreateAsync(string experimentId, DateOnly day, CancellationToken cancellationToken)
    {
        var reply = await PostAsync("runs/create", new JsonObject
        {
            ["experiment_id"] = experimentId,
            ["run_name"] = $"{facts.Service}-{facts.Instance}-{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}",
            ["start_time"] = time.GetUtcNow().ToUnixTimeMilliseconds(),
            ["tags"] = Pairs(new Dictionary<string, string>
            {
                ["mlflow.source.name"] = facts.Service,
                ["mlflow.source.type"] = "JOB",
                ["version"] = facts.Version,
                ["instance"] = facts.Instance,
            }),
        }, cancellationToken);
        if (reply.Error is not null)
        {
            // The experiment may have been deleted meanwhile: it is looked for again.
            _experimentId = null;
        }

        const string what = "make a run";
        return new MLflowRun(experimentId, reply.Text(what, "run", "info", "run_id"), reply.Text(what, "run", "info", "artifact_uri"), day);
    }

    private async Task DescribeAsync(MLflowRun run, CancellationToken cancellationToken)
    {
        var reply = await PostAsync("runs/log-batch", new JsonObject { ["run_id"] = run.Id, ["params"] = Pairs(facts.Parameters.Take(MostParameters)) }, cancellationToken);
        if (reply.Error is not null)
        {
            Forget();
        }

        reply.ThrowIfError("take a run's parameters");
    }

    private static JsonArray Pairs(IEnumerable<KeyValuePair<string, string>> values) =>
        new([.. values.Select(pair => new JsonObject { ["key"] = pair.Key, ["value"] = pair.Value.Length > LongestValue ? pair.Value[..LongestValue] : pair.Value })]);

    private Task<MLflowReply> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        server.CallAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body), cancellationToken);
}

/// <summary>A run of MLflow.</summary>
/// <param name="Experiment">The experiment's id.</param>
/// <param name="Id">The run's id.</param>
/// <param name="Artifacts">Where its artifacts are, as MLflow names it.</param>
/// <param name="Day">The day that it is of.</param>
internal sealed record MLflowRun(string Experiment, string Id, string Artifacts, DateOnly Day)
{
    /// <summary>Whether its parameters are written.</summary>
    public bool HasParameters { get; set; }

    /// <summary>The step of the next metrics.</summary>
    public long Step { get; set; }
}
