namespace LlmOps.Benchmarks.Servers;

/// <summary>What those that telemetry is sent to answer where they take it: Langfuse below /langfuse, MLflow below /mlflow, collectors of OTLP anywhere.</summary>
internal static class SinkAnswers
{
    /// <summary>MLflow's answer to its version; from 3.6 on it takes traces.</summary>
    private const string MLflowVersion = "3.7.0";

    /// <summary>The body of the answer to a request.</summary>
    /// <param name="path">The request's path, with a slash at its beginning.</param>
    /// <param name="langfuse">Langfuse's version.</param>
    public static string To(string path, string langfuse) => path switch
    {
        "/langfuse/api/public/health" => $$"""{"status":"OK","version":"{{langfuse}}"}""",
        "/mlflow/version" => MLflowVersion,
        "/mlflow/api/2.0/mlflow/experiments/get-by-name" => """{"experiment":{"experiment_id":"1","name":"llmops-gateway","lifecycle_stage":"active"}}""",
        "/mlflow/api/2.0/mlflow/runs/create" => """{"run":{"info":{"run_id":"0123456789abcdef0123456789abcdef","artifact_uri":"mlflow-artifacts:/1/0123456789abcdef0123456789abcdef/artifacts"}}}""",
        _ when path.StartsWith("/mlflow/api/", StringComparison.Ordinal) => "{}",
        _ => "",
    };
}
