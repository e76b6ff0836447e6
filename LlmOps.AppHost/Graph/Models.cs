namespace LlmOps.AppHost.Graph;

/// <summary>Models that run here: embeddings, and a language model of one's own.</summary>
internal static class Models
{
    /// <summary>Adds Text Embeddings Inference.</summary>
    public static void AddEmbeddings(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway)
    {
        if (graph.IsElsewhere(Part.Embeddings, gateway, GatewayEnvironment.Embeddings) || !graph.Options.Has(Part.Embeddings))
        {
            return;
        }

        var configuration = graph.Builder.Configuration;
        var tei = graph.Builder.AddContainer("tei", configuration["LlmOps:TeiImage"] ?? Images.Tei, configuration["LlmOps:TeiTag"] ?? Images.TeiTag)
            .WithHttpEndpoint(targetPort: 80, name: "http")
            .WithEnvironment("MODEL_ID", graph.Value("embedding-model", "BAAI/bge-small-en-v1.5"))
            // What is longer than the model reads is refused, never cut.
            .WithEnvironment("AUTO_TRUNCATE", "false")
            .WithVolume("llmops-tei", "/data")
            .WithLifetime(ContainerLifetime.Persistent)
            .WithHttpHealthCheck("/health", endpointName: "http");
        gateway.WithEnvironment(GatewayEnvironment.Embeddings, tei.GetEndpoint("http"));
        graph.Publisher.Service(tei, new(["CMD", "curl", "-fsS", "http://127.0.0.1:80/health"], StartPeriod: "120s", Megabytes: 2048, HealthPath: "/health", Clients: ["gateway"]));
    }

    /// <summary>Adds Ollama, and a container that pulls its model and ends.</summary>
    /// <returns>What has ended when the model is there; null where Ollama is not started here.</returns>
    public static IResourceBuilder<ContainerResource>? AddOllama(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway)
    {
        if (graph.IsElsewhere(Part.Ollama, gateway, GatewayEnvironment.OllamaHost) || !graph.Options.Has(Part.Ollama))
        {
            return null;
        }

        var ollama = graph.Builder.AddContainer("ollama", Images.Ollama, Images.OllamaTag)
            .WithHttpEndpoint(targetPort: 11434, name: "http")
            .WithVolume("llmops-ollama", "/root/.ollama")
            .WithLifetime(ContainerLifetime.Persistent)
            .WithHttpHealthCheck("/api/version", endpointName: "http");
        var pull = graph.Builder.AddContainer("ollama-pull", Images.Ollama, Images.OllamaTag)
            // A shell, since a parameter among arguments breaks the publishers; it waits by itself where nothing starts it in order.
            // Aspire.Hosting/ContainerResourceBuilderExtensions.cs
            .WithEntrypoint("/bin/sh").WithArgs("-c", "until ollama list; do sleep 5; done; ollama pull \"$MODEL\"")
            .WithEnvironment("OLLAMA_HOST", ollama.GetEndpoint("http"))
            .WithEnvironment("MODEL", graph.Value("ollama-model", "llama3.2"))
            .WithParentRelationship(ollama.Resource) // Aspire.Hosting/ResourceBuilderExtensions.cs
            .WaitFor(ollama);
        gateway.WithEnvironment(GatewayEnvironment.OllamaHost, ollama.GetEndpoint("http"));
        graph.Publisher.Service(ollama, new(["CMD", "ollama", "list"], Megabytes: 8192, Cpus: "4.0", HealthPath: "/api/version", Clients: ["gateway", "ollama-pull"]));
        graph.Publisher.Job(pull, after: ollama.Resource);
        return pull;
    }
}
