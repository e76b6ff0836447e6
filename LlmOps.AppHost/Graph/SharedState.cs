#pragma warning disable ASPIRECERTIFICATES001 // WithoutHttpsCertificate
using LlmOps.AppHost.Publishing;

namespace LlmOps.AppHost.Graph;

/// <summary>What gateways share: Redis, PostgreSQL, Qdrant.</summary>
internal static class SharedState
{
    private const string Gateway = "gateway";

    /// <summary>Adds Redis.</summary>
    public static void AddRedis(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway)
    {
        if (graph.IsElsewhere(Part.Redis, gateway, GatewayEnvironment.Redis) || !graph.Options.Has(Part.Redis))
        {
            return;
        }

        if (graph.Publisher is AzurePublisher)
        {
            graph.Builder.AddManagedRedis(gateway);
            return;
        }

        var redis = graph.Builder.AddRedis("redis", password: graph.Generated("redis-password"))
            .WithImageTag(Images.RedisTag) // Aspire.Hosting/ContainerResourceBuilderExtensions.cs
            .WithDataVolume("llmops-redis")
            .WithPersistence(TimeSpan.FromSeconds(60)) // Aspire.Hosting.Redis/RedisBuilderExtensions.cs
            .WithArgs(LimitMemory)
            .WithLifetime(ContainerLifetime.Persistent)
            .WithoutHttpsCertificate(); // where a developer's certificate is trusted, run mode would turn to TLS
        gateway.WithEnvironment(GatewayEnvironment.Redis, redis);
        graph.Publisher.Service(redis, new(["CMD-SHELL", "redis-cli -a \"$$REDIS_PASSWORD\" ping | grep -q PONG"], Megabytes: 1024, Clients: [Gateway]));
    }

    // Below the limit of its container, so that it is what has a time to live that goes where it is full (answers, replays, limits;
    // of them what was not used for longest), and not Redis.
    private static void LimitMemory(CommandLineArgsCallbackContext context)
    {
        string[] arguments = ["--maxmemory", "768mb", "--maxmemory-policy", "volatile-lru"];
        if (context.ExecutionContext.IsRunMode)
        {
            foreach (var argument in arguments)
            {
                context.Args.Add(argument);
            }
        }
        else
        {
            // Aspire.Hosting.Redis/RedisBuilderExtensions.cs: in published forms all of the command is one argument, a shell's
            context.Args[^1] = $"{context.Args[^1]} {string.Join(' ', arguments)}";
        }
    }

    /// <summary>Adds PostgreSQL with the databases of all that is started here and keeps its records there.</summary>
    /// <returns>The server; null where none is started here.</returns>
    public static IResourceBuilder<PostgresServerResource>? AddPostgres(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway)
    {
        var isElsewhere = graph.IsElsewhere(Part.Postgres, gateway, GatewayEnvironment.Database);
        if (graph.Publisher is AzurePublisher)
        {
            if (!isElsewhere)
            {
                graph.Builder.AddFlexiblePostgres(gateway, graph.Generated("postgres-password"));
            }

            return null;
        }

        string[] databases =
        [
            .. graph.Options.Starts(Part.Postgres) ? (string[])["llmops"] : [],
            .. graph.Options.Starts(Part.Langfuse) ? (string[])["langfuse"] : [],
            .. graph.Options.Starts(Part.Mlflow) ? (string[])["mlflow"] : [],
        ];
        if (databases.Length == 0)
        {
            return null;
        }

        var postgres = graph.Builder.AddPostgres("postgres", password: graph.Generated("postgres-password"))
            .WithImageTag(Images.PostgresTag)
            // 9 for each gateway, of which there may be 10 and as many again in an upgrade; Langfuse's and MLflow's come on top.
            .WithArgs("-c", "max_connections=200")
            .WithDataVolume("llmops-postgres")
            .WithLifetime(ContainerLifetime.Persistent);
        graph.Publisher.CreateDatabases(postgres, databases);
        graph.Publisher.Service(postgres, new(["CMD-SHELL", "pg_isready -U postgres -h 127.0.0.1"], Megabytes: 1024, Clients: [Gateway, "langfuse", "mlflow"]));
        if (graph.Options.Starts(Part.Postgres))
        {
            gateway.WithEnvironment(GatewayEnvironment.Database, postgres.AddDatabase("llmops"));
        }

        return postgres;
    }

    /// <summary>Adds Qdrant, and switches the semantic cache on, which it makes one of all gateways.</summary>
    public static void AddQdrant(this LlmOpsGraph graph, IResourceBuilder<ProjectResource> gateway)
    {
        if (!graph.Options.Has(Part.Qdrant))
        {
            return;
        }

        gateway.WithEnvironment(GatewayEnvironment.SemanticMode, "On");
        if (graph.IsElsewhere(Part.Qdrant, gateway, GatewayEnvironment.Qdrant))
        {
            return;
        }

        var qdrant = graph.Builder.AddQdrant("qdrant", apiKey: graph.Generated("qdrant-key"))
            .WithImageTag(Images.QdrantTag)
            .WithDataVolume("llmops-qdrant")
            .WithLifetime(ContainerLifetime.Persistent);
        // Aspire.Hosting.Qdrant/QdrantServerResource.cs: of REST, which the gateway speaks; a reference would hand out gRPC.
        gateway.WithEnvironment(GatewayEnvironment.Qdrant, qdrant.Resource.HttpConnectionStringExpression)
            .WithReferenceRelationship(qdrant); // Aspire.Hosting/ResourceBuilderExtensions.cs
        graph.Publisher.Service(qdrant, new(["CMD", "bash", "-c", ":> /dev/tcp/127.0.0.1/6333"], Megabytes: 1024, Clients: [Gateway]));
    }
}
