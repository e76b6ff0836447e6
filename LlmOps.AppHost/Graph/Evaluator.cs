namespace LlmOps.AppHost.Graph;

/// <summary>The evaluator, which is started by hand from the dashboard and asks the gateway of this graph.</summary>
internal static class Evaluator
{
    private const string DefaultArguments = "compare summarizer v1 v2 --publish gateway";

    /// <summary>Adds the evaluator. It is not published: it runs wherever the prompts are, against any gateway's address.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="gateway">Who answers.</param>
    /// <param name="adminKey">The key that it is asked, and told of the result, with.</param>
    /// <param name="model">What has ended when the model that answers is there; null for nothing.</param>
    public static void AddEvaluator(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ParameterResource> adminKey, IResourceBuilder<ContainerResource>? model)
    {
        if (!graph.Options.Has(Part.Evaluator) || graph.IsPublished)
        {
            return;
        }

        string[] arguments = (graph.Builder.Configuration["LlmOps:Evaluator:Arguments"] ?? DefaultArguments).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var evaluator = graph.Builder.AddProject<Projects.LlmOps_Evaluator>("evaluator", launchProfileName: null)
            .WithArgs(arguments)
            .WithArgs("--gateway", gateway.GetEndpoint(Gateway.Endpoint))
            // It works in its own folder; prompts and results are the repository's.
            .WithArgs("--prompts", Path.Combine(LlmOpsGraph.Repository, "prompts"), "--output", Path.Combine(LlmOpsGraph.Repository, "evaluations"))
            .WithEnvironment(GatewayEnvironment.AdminKey, adminKey)
            .WithExplicitStart()
            .WaitFor(gateway);
        if (model is not null)
        {
            evaluator.WaitForCompletion(model);
        }
    }
}
