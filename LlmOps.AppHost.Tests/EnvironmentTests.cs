namespace LlmOps.AppHost.Tests;

/// <summary>The gateway is told what the one table says, and nothing else.</summary>
public sealed class EnvironmentTests
{
    private const Part Full = Part.Redis | Part.Postgres | Part.Qdrant | Part.Embeddings | Part.Langfuse | Part.Mlflow | Part.Ollama;

    // What Aspire tells every .NET project.
    private static readonly string[] OfAspire = ["OTEL_", "ASPNETCORE_", "DOTNET_", "LOGGING__CONSOLE__", "HTTP_PORTS", "SSL_CERT_"];

    public static TheoryData<string, int> Profiles => new()
    {
        { "embedded", (int)Part.None },
        { "minimal", (int)Part.Redis },
        { "full", (int)Full },
    };

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task GatewayThatRuns_IsToldTheTable(string profile, int parts)
    {
        await using var graph = TestGraph.Run("--LlmOps:Profile", profile);

        Own(await graph.EnvironmentOf("gateway")).ShouldBe(GatewayEnvironment.For((Part)parts), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task GatewayThatIsPublished_IsToldTheTableAndItsDataFolder(string profile, int parts)
    {
        foreach (var target in (string[])["compose", "kubernetes"])
        {
            await using var graph = TestGraph.Publish(target, "unused", "--LlmOps:Profile", profile);

            Own(await graph.EnvironmentOf("gateway")).ShouldBe(GatewayEnvironment.For((Part)parts, isPublished: true), ignoreOrder: true);
        }
    }

    [Fact]
    public async Task KafkaAskedFor_IsToldOfItsRestProxy()
    {
        await using var graph = TestGraph.Run("--LlmOps:Kafka", "true");

        var told = await graph.EnvironmentOf("gateway");
        Own(told).ShouldBe(GatewayEnvironment.For(Full | Part.Kafka), ignoreOrder: true);
        told[GatewayEnvironment.KafkaRestUrl].ShouldBe("http://localhost:8082");
    }

    [Fact]
    public async Task FullGraph_TellsWhereEverythingIs()
    {
        await using var graph = TestGraph.Run();

        var told = await graph.EnvironmentOf("gateway");
        told[GatewayEnvironment.AdminKey].ShouldBe("SENTINEL-llmops-admin-key");
        told[GatewayEnvironment.Redis].ShouldBe("localhost:6379,password=SENTINEL-redis-password");
        told[GatewayEnvironment.Database].ShouldBe("Host=localhost;Port=5432;Username=postgres;Password=SENTINEL-postgres-password;Database=llmops");
        told[GatewayEnvironment.Qdrant].ShouldBe("Endpoint=http://localhost:6333;Key=SENTINEL-qdrant-key");
        told[GatewayEnvironment.SemanticMode].ShouldBe("On");
        told[GatewayEnvironment.Embeddings].ShouldBe("http://localhost:80");
        told[GatewayEnvironment.LangfuseHost].ShouldBe("http://localhost:3000");
        told[GatewayEnvironment.MlflowTrackingUri].ShouldBe("http://localhost:5000");
        told[GatewayEnvironment.OllamaHost].ShouldBe("http://localhost:11434");
        told["GEMINI_API_KEY"].ShouldBe("SENTINEL-gemini-api-key");
        told["OPENAI_API_KEY"].ShouldBeEmpty();
        File.Exists(Path.Combine(told[GatewayEnvironment.PromptsFolder], "summarizer", "dataset.jsonl")).ShouldBeTrue();
    }

    [Fact]
    public async Task ProvidersKeyInTheEnvironment_IsHandedOn()
    {
        await using var graph = TestGraph.Run("--LlmOps:Profile", "embedded", "--GROQ_API_KEY", "gsk-from-outside");

        (await graph.EnvironmentOf("gateway"))["GROQ_API_KEY"].ShouldBe("gsk-from-outside");
    }

    [Fact]
    public async Task Langfuse_IsMadeWithTheKeysThatTheGatewayHas()
    {
        await using var graph = TestGraph.Run();

        var gateway = await graph.EnvironmentOf("gateway");
        var langfuse = await graph.EnvironmentOf("langfuse");
        langfuse["LANGFUSE_INIT_PROJECT_PUBLIC_KEY"].ShouldBe(gateway[GatewayEnvironment.LangfusePublicKey]);
        langfuse["LANGFUSE_INIT_PROJECT_SECRET_KEY"].ShouldBe(gateway[GatewayEnvironment.LangfuseSecretKey]);
        langfuse["DATABASE_URL"].ShouldBe("postgresql://postgres:SENTINEL-postgres-password@postgres:5432/langfuse");
    }

    private static IEnumerable<string> Own(Dictionary<string, string> environment) =>
        environment.Keys.Where(name => !OfAspire.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
}
