using LlmOps.AppHost.Graph;

var builder = DistributedApplication.CreateBuilder(args);
builder.AddLlmOps();
builder.Build().Run();

/// <summary>The table of contents.</summary>
internal static class LlmOpsContents
{
    /// <summary>Adds the gateway and what the settings ask for beside it.</summary>
    /// <exception cref="InvalidOperationException">A setting has a fault; the message names it.</exception>
    public static void AddLlmOps(this IDistributedApplicationBuilder builder)
    {
        var graph = LlmOpsGraph.Of(builder);
        var adminKey = graph.Generated("llmops-admin-key");

        var gateway = graph.AddGateway(adminKey);
        graph.AddRedis(gateway);
        var postgres = graph.AddPostgres(gateway);
        graph.AddQdrant(gateway);
        graph.AddEmbeddings(gateway);
        graph.AddLangfuse(gateway, postgres);
        graph.AddMlflow(gateway, postgres);
        graph.AddRedpanda(gateway);
        var model = graph.AddOllama(gateway);
        graph.AddEvaluator(gateway, adminKey, model);
    }
}
