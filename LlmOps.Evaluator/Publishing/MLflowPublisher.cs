using System.Text.Json.Nodes;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.MLflow;

namespace LlmOps.Evaluator.Publishing;

/// <summary>
/// MLflow: a run for each variant, those of the others under the baseline's, which has the reports. A run is found again by its tags, so
/// that an evaluation that is told again makes no second one and completes what was left unfinished.
/// </summary>
/// <param name="server">The tracking server.</param>
/// <param name="experiment">The experiment that the runs belong to; it is made where there is none.</param>
/// <param name="time">The clock.</param>
internal sealed class MLflowPublisher(MLflowServer server, string experiment, TimeProvider time) : IPublisher
{
    private const string IdTag = "evaluation_id";
    private const string VariantTag = "variant";

    // Of one log-batch: 1,000 metrics, 100 parameters.
    private const int MostMetrics = 1_000;
    private const int MostParameters = 100;

    private static readonly string[] Reports = ["report.html", "report.json", "report.md"];

    private readonly Retries _retries = new(time);

    /// <inheritdoc/>
    public string Name => Publishers.MLflow;

    /// <inheritdoc/>
    public async Task PublishAsync(EvaluationResult result, string reportFolder, CancellationToken cancellationToken)
    {
        try
        {
            var id = await _retries.RunAsync(() => MLflowExperiment.FindOrMakeAsync(server, experiment, cancellationToken), cancellationToken);
            var runs = await FindAsync(id, result, cancellationToken);
            EvaluationRun? baseline = null;
            foreach (var variant in result.Variants)
            {
                var run = runs.GetValueOrDefault(variant.Name) ?? await CreateAsync(id, result, variant, baseline, cancellationToken);
                baseline ??= run;
                await LogAsync(run, result, variant, cancellationToken);
                var status = result.Gate.Status == GateStatus.Passed ? "FINISHED" : "FAILED";
                await PostAsync("end a run", "runs/update", new JsonObject { ["run_id"] = run.Id, ["status"] = status, ["end_time"] = result.EndedAt.ToUnixTimeMilliseconds() }, cancellationToken);
            }

            // Last, as a server may keep no artifacts.
            await KeepReportsAsync(baseline!, reportFolder, cancellationToken);
        }
        catch (Exception exception) when (exception is SinkException or BatchRefusedException or IOException or UnauthorizedAccessException)
        {
            throw new PublishException(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => server.Dispose();

    // Those that are there from before, by variant.
    private async Task<Dictionary<string, EvaluationRun>> FindAsync(string experimentId, EvaluationResult result, CancellationToken cancellationToken)
    {
        var runs = new Dictionary<string, EvaluationRun>();
        string? page = null;
        do
        {
            var body = new JsonObject
            {
                ["experiment_ids"] = new JsonArray(experimentId),
                ["filter"] = $"tags.{IdTag} = '{Guid.Parse(result.Id)}'",
                ["run_view_type"] = "ACTIVE_ONLY",
                ["max_results"] = MostMetrics,
            };
            if (page is not null)
            {
                body["page_token"] = page;
            }

            var reply = await PostAsync("look for runs", "runs/search", body, cancellationToken);
            foreach (var run in reply.Body["runs"] as JsonArray ?? [])
            {
                var name = (run?["data"]?["tags"] as JsonArray)?.FirstOrDefault(tag => (string?)tag?["key"] == VariantTag)?["value"]?.ToString();
                if (name is not null && run?["info"] is { } info)
                {
                    runs.TryAdd(name, new EvaluationRun(info["run_id"]!.ToString(), info["artifact_uri"]?.ToString() ?? ""));
                }
            }

            page = reply.Body["next_page_token"]?.ToString();
        }
        while (!string.IsNullOrEmpty(page));

        return runs;
    }

    private async Task<EvaluationRun> CreateAsync(string experimentId, EvaluationResult result, Variant variant, EvaluationRun? baseline, CancellationToken cancellationToken)
    {
        var tags = MLflowNumbers.Tags(result, variant);
        (tags[IdTag], tags[VariantTag]) = (Guid.Parse(result.Id).ToString(), variant.Name);
        if (baseline is not null)
        {
            tags["mlflow.parentRunId"] = baseline.Id;
        }

        const string what = "make a run";
        var reply = await PostAsync(what, "runs/create", new JsonObject
        {
            ["experiment_id"] = experimentId,
            ["run_name"] = $"{result.Prompt} {variant.Name}",
            ["start_time"] = result.StartedAt.ToUnixTimeMilliseconds(),
            ["tags"] = MLflowPairs.Of(tags, MLflowPairs.LongestTag),
        }, cancellationToken);
        return new EvaluationRun(reply.Text(what, "run", "info", "run_id"), reply.Text(what, "run", "info", "artifact_uri"));
    }

    // The same again changes nothing: a metric of the same time, step and value is kept once.
    private async Task LogAsync(EvaluationRun run, EvaluationResult result, Variant variant, CancellationToken cancellationToken)
    {
        foreach (var some in MLflowNumbers.Parameters(result, variant).Chunk(MostParameters))
        {
            await PostAsync("take a run's parameters", "runs/log-batch", new JsonObject { ["run_id"] = run.Id, ["params"] = MLflowPairs.Of(some) }, cancellationToken);
        }

        var timestamp = result.EndedAt.ToUnixTimeMilliseconds();
        foreach (var some in MLflowNumbers.Metrics(result, variant).Chunk(MostMetrics))
        {
            var metrics = some.Select(metric => new JsonObject { ["key"] = metric.Key, ["value"] = metric.Value, ["timestamp"] = timestamp, ["step"] = 0 });
            await PostAsync("take a run's metrics", "runs/log-batch", new JsonObject { ["run_id"] = run.Id, ["metrics"] = new JsonArray([.. metrics]) }, cancellationToken);
        }
    }

    private async Task KeepReportsAsync(EvaluationRun run, string folder, CancellationToken cancellationToken)
    {
        foreach (var name in Reports.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            var content = await File.ReadAllBytesAsync(Path.Combine(folder, name), cancellationToken);
            if (!await _retries.RunAsync(() => server.PutAsync(run.Artifacts, name, content, cancellationToken), cancellationToken))
            {
                throw new PublishException(
                    $"The reports are not kept: artifacts, at {run.Artifacts}, are not written through MLflow's server. An experiment of a server with --serve-artifacts has them; set another one as MLFLOW_EXPERIMENT_NAME.");
            }
        }
    }

    private async Task<MLflowReply> PostAsync(string what, string path, JsonObject body, CancellationToken cancellationToken)
    {
        var reply = await _retries.RunAsync(() => server.PostAsync(path, body, cancellationToken), cancellationToken);
        reply.ThrowIfError(what);
        return reply;
    }

    private sealed record EvaluationRun(string Id, string Artifacts);
}
