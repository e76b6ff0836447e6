namespace LlmOps.AppHost.Graph;

/// <summary>Where the gateway tells of what happened: Langfuse, MLflow, Kafka.</summary>
internal static class Observability
{
    /// <summary>Adds Langfuse, which finds its organisation, project, keys and first user in its environment and makes them.</summary>
    public static void AddLangfuse(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<PostgresServerResource>? postgres)
    {
        if (!graph.Options.Has(Part.Langfuse))
        {
            return;
        }

        var isElsewhere = graph.IsElsewhere(Part.Langfuse, gateway, GatewayEnvironment.LangfuseHost);
        if (isElsewhere)
        {
            graph.TellOptionalSecret(gateway, "langfuse-public-key", GatewayEnvironment.LangfusePublicKey);
            graph.TellOptionalSecret(gateway, "langfuse-secret-key", GatewayEnvironment.LangfuseSecretKey);
        }

        if (isElsewhere || postgres is null)
        {
            return;
        }

        var (publicKey, secretKey) = (graph.Generated("langfuse-public-key"), graph.Generated("langfuse-secret-key"));
        gateway.WithEnvironment(GatewayEnvironment.LangfusePublicKey, publicKey).WithEnvironment(GatewayEnvironment.LangfuseSecretKey, secretKey);

        // A resource of its own name, for the container has the database's.
        var database = postgres.AddDatabase("langfuse-db", "langfuse");
        var langfuse = graph.Builder.AddContainer("langfuse", Images.Langfuse, Images.LangfuseTag)
            .WithHttpEndpoint(port: 3000, targetPort: 3000, name: "http")
            .WithExternalHttpEndpoints()
            .WithEnvironment("DATABASE_URL", database.Resource.UriExpression) // Aspire.Hosting.PostgreSQL/PostgresDatabaseResource.cs
            .WithEnvironment("HOSTNAME", "0.0.0.0")
            .WithEnvironment("NEXTAUTH_URL", graph.Value("langfuse-url", "http://localhost:3000"))
            .WithEnvironment("NEXTAUTH_SECRET", graph.Generated("langfuse-nextauth-secret"))
            .WithEnvironment("SALT", graph.Generated("langfuse-salt"))
            .WithEnvironment("TELEMETRY_ENABLED", "false")
            .WithEnvironment("AUTH_DISABLE_SIGNUP", "true")
            .WithEnvironment("LANGFUSE_INIT_ORG_ID", "llmops").WithEnvironment("LANGFUSE_INIT_ORG_NAME", "LlmOps")
            .WithEnvironment("LANGFUSE_INIT_PROJECT_ID", "llmops").WithEnvironment("LANGFUSE_INIT_PROJECT_NAME", "LlmOps")
            .WithEnvironment("LANGFUSE_INIT_PROJECT_PUBLIC_KEY", publicKey)
            .WithEnvironment("LANGFUSE_INIT_PROJECT_SECRET_KEY", secretKey)
            .WithEnvironment("LANGFUSE_INIT_USER_EMAIL", graph.Value("langfuse-user", "admin@llmops.local"))
            .WithEnvironment("LANGFUSE_INIT_USER_NAME", "admin")
            .WithEnvironment("LANGFUSE_INIT_USER_PASSWORD", graph.Generated("langfuse-user-password"))
            .WithHttpHealthCheck("/api/public/health", endpointName: "http")
            // Aspire.Hosting/ResourceBuilderExtensions.cs: a link beside the endpoint's own
            .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/project/llmops/traces", DisplayText = "Traces" })
            .WaitFor(database); // it migrates at its start, and ends where it cannot
        gateway.WithEnvironment(GatewayEnvironment.LangfuseHost, langfuse.GetEndpoint("http"));
        graph.Publisher.Service(langfuse, new(
            ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/api/public/health"],
            StartPeriod: "60s", Megabytes: 1024, After: postgres.Resource, HealthPath: "/api/public/health"));
    }

    /// <summary>Adds MLflow. It has no login: published forms let nobody but the gateway, and this machine, reach it.</summary>
    public static void AddMlflow(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway, IResourceBuilder<PostgresServerResource>? postgres)
    {
        if (graph.IsElsewhere(Part.Mlflow, gateway, GatewayEnvironment.MlflowTrackingUri) || !graph.Options.Has(Part.Mlflow) || postgres is null)
        {
            return;
        }

        var database = postgres.AddDatabase("mlflow-db", "mlflow");
        // All by its environment: arguments would show the password in the list of processes, and cannot hold it on Kubernetes.
        var mlflow = graph.Builder.AddContainer("mlflow", Images.Mlflow, Images.MlflowTag)
            .WithHttpEndpoint(port: 5000, targetPort: 5000, name: "http")
            .WithExternalHttpEndpoints()
            .WithEntrypoint("mlflow").WithArgs("server") // Aspire.Hosting/ContainerResourceBuilderExtensions.cs
            .WithEnvironment("MLFLOW_BACKEND_STORE_URI", database.Resource.UriExpression)
            .WithEnvironment("MLFLOW_ARTIFACTS_DESTINATION", "/mlartifacts")
            .WithEnvironment("MLFLOW_HOST", "0.0.0.0").WithEnvironment("MLFLOW_PORT", "5000")
            .WithEnvironment("MLFLOW_WORKERS", "1") // else four, each with all of MLflow in memory
            .WithEnvironment("MLFLOW_SERVER_ALLOWED_HOSTS", graph.Value("mlflow-allowed-hosts", "mlflow:5000,mlflow-service:5000,mlflow.dev.internal:5000,localhost:*,127.0.0.1:*"))
            .WithVolume("llmops-mlflow", "/mlartifacts")
            .WithHttpHealthCheck("/health", endpointName: "http")
            // Aspire.Hosting/ResourceBuilderExtensions.cs: a link beside the endpoint's own
            .WithUrlForEndpoint("http", _ => new ResourceUrlAnnotation { Url = "/#/experiments", DisplayText = "Experiments" })
            .WaitFor(database);
        gateway.WithEnvironment(GatewayEnvironment.MlflowTrackingUri, mlflow.GetEndpoint("http"));
        graph.Publisher.Service(mlflow, new(
            ["CMD", "python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5000/health')"],
            StartPeriod: "60s", Megabytes: 2048, After: postgres.Resource, HealthPath: "/health", Clients: ["gateway"]));
    }

    /// <summary>Adds Redpanda, whose REST proxy takes the gateway's events.</summary>
    public static void AddRedpanda(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway)
    {
        if (!graph.Options.Has(Part.Kafka))
        {
            return;
        }

        gateway.WithEnvironment(GatewayEnvironment.KafkaEnabled, "true");
        if (graph.IsElsewhere(Part.Kafka, gateway, GatewayEnvironment.KafkaRestUrl))
        {
            return;
        }

        var redpanda = graph.Builder.AddContainer("redpanda", Images.Redpanda, Images.RedpandaTag)
            .WithHttpEndpoint(targetPort: 8082, name: "http")
            .WithHttpEndpoint(targetPort: 9644, name: "admin")
            // Kafka's own protocol has the REST proxy as its only client.
            .WithArgs("redpanda", "start", "--mode", "dev-container", "--smp", "1", "--memory", "1G",
                "--kafka-addr", "127.0.0.1:9092", "--advertise-kafka-addr", "127.0.0.1:9092",
                "--pandaproxy-addr", "0.0.0.0:8082", "--advertise-pandaproxy-addr", "redpanda:8082")
            .WithVolume("llmops-redpanda", "/var/lib/redpanda/data")
            .WithHttpHealthCheck("/v1/status/ready", endpointName: "admin");
        gateway.WithEnvironment(GatewayEnvironment.KafkaRestUrl, redpanda.GetEndpoint("http"));
        graph.Publisher.Service(redpanda, new(["CMD", "curl", "-fsS", "http://127.0.0.1:9644/v1/status/ready"], Megabytes: 2048, Clients: ["gateway"], Group: 101));
    }
}
