using System.Text.Json.Nodes;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>An experiment, which runs belong to, by its name.</summary>
internal static class MLflowExperiment
{
    private const string Active = "active";

    /// <summary>The id of an experiment; it is made where there is none.</summary>
    /// <exception cref="SinkException">MLflow is away, or the experiment was deleted.</exception>
    public static async Task<string> FindOrMakeAsync(MLflowServer server, string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(server, name, cancellationToken) is { } found)
        {
            return found;
        }

        var made = await server.PostAsync("experiments/create", new JsonObject { ["name"] = name }, cancellationToken);
        return made.Error == MLflowServer.Exists
            ? await FindAsync(server, name, cancellationToken) ?? throw new SinkException($"mlflow has and has not an experiment {name}.")
            : made.Text("make an experiment", "experiment_id");
    }

    private static async Task<string?> FindAsync(MLflowServer server, string name, CancellationToken cancellationToken)
    {
        var reply = await server.CallAsync(HttpMethod.Get, $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}", default, cancellationToken);
        if (reply.Error == MLflowServer.NotThere)
        {
            return null;
        }

        const string what = "tell of an experiment";
        return reply.Text(what, "experiment", "lifecycle_stage") == Active
            ? reply.Text(what, "experiment", "experiment_id")
            : throw new SinkException($"mlflow's experiment {name} was deleted: restore it, remove it for good (mlflow gc), or set another one as Gateway:Telemetry:MLflow:Experiment (MLFLOW_EXPERIMENT_NAME).");
    }
}
