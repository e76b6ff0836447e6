namespace LlmOps.AppHost.Graph;

/// <summary>The gateway. It waits for nothing: what is down, it does without until it is there.</summary>
internal static class Gateway
{
    /// <summary>The port that people and clients use.</summary>
    public const int Port = 8080;

    /// <summary>The name of its only endpoint.</summary>
    public const string Endpoint = "http";

    /// <summary>Adds the gateway, with the keys of its providers and its administrator's.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="adminKey">The administrator's key.</param>
    public static IResourceBuilder<ProjectResource> AddGateway(this LlmOpsGraph graph, IResourceBuilder<ParameterResource> adminKey)
    {
        // A launch profile would add addresses of its own.
        var gateway = graph.Builder.AddProject<Projects.LlmOps_Gateway>("gateway", launchProfileName: null)
            .WithHttpEndpoint(port: Port, targetPort: graph.IsPublished ? Port : null, name: Endpoint)
            .WithExternalHttpEndpoints()
            .WithHttpHealthCheck("/health", endpointName: Endpoint)
            // Aspire.Hosting/ProjectResourceBuilderExtensions.cs: else published forms take anyone's X-Forwarded-For; the gateway has trusted proxies of its own
            .DisableForwardedHeaders()
            .WithReplicas(graph.Options.Replicas)
            .WithEnvironment(GatewayEnvironment.AdminKey, adminKey)
            .WithLinks()
            .WithCommands(adminKey);
        foreach (var (parameter, variable) in GatewayEnvironment.ProviderKeys)
        {
            graph.TellOptionalSecret(gateway, parameter, variable);
        }

        if (!graph.IsPublished)
        {
            // Those that are being written, not those that were built beside the program.
            gateway.WithEnvironment(GatewayEnvironment.PromptsFolder, Path.Combine(LlmOpsGraph.Repository, "prompts"));
        }

        graph.Publisher.Gateway(gateway);
        return gateway;
    }
}
