using System.Globalization;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>The runs of this process in its experiment: one for each day, in UTC.</summary>
internal sealed class MLflowRuns(MLflowServer server, string experiment, MLflowFacts facts, TimeProvider time)
{
    private const int MostParameters = 100;

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
            _experimentId ??= await MLflowExperiment.FindOrMakeAsync(server, experiment, cancellationToken);
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
            var reply = await server.PostAsync("runs/update", new JsonObject { ["run_id"] = run.Id, ["status"] = "FINISHED", ["end_time"] = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);
            _run = null;
            if (reply.Error is not (null or MLflowServer.NotThere or MLflowServer.Invalid))
            {
                reply.ThrowIfError("end a run");
            }
        }
    }

    private async Task<MLflowRun> CreateAsync(string experimentId, DateOnly day, CancellationToken cancellationToken)
    {
        var reply = await server.PostAsync("runs/create", new JsonObject
        {
            ["experiment_id"] = experimentId,
            ["run_name"] = $"{facts.Service}-{facts.Instance}-{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}",
            ["start_time"] = time.GetUtcNow().ToUnixTimeMilliseconds(),
            ["tags"] = MLflowPairs.Of(new Dictionary<string, string>
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
        var reply = await server.PostAsync("runs/log-batch", new JsonObject { ["run_id"] = run.Id, ["params"] = MLflowPairs.Of(facts.Parameters.Take(MostParameters)) }, cancellationToken);
        if (reply.Error is not null)
        {
            Forget();
        }

        reply.ThrowIfError("take a run's parameters");
    }
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
