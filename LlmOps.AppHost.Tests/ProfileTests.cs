using Aspire.Hosting.ApplicationModel;

namespace LlmOps.AppHost.Tests;

public sealed class ProfileTests
{
    [Theory]
    [InlineData("embedded", "gateway")]
    [InlineData("minimal", "gateway redis")]
    [InlineData("full", "evaluator gateway langfuse mlflow ollama ollama-pull postgres qdrant redis tei")]
    public async Task Profile_RunsItsParts(string profile, string expected)
    {
        await using var graph = TestGraph.Run("--LlmOps:Profile", profile);

        string.Join(' ', graph.Running).ShouldBe(expected);
    }

    [Fact]
    public async Task NothingSet_IsFullWithTwoGateways()
    {
        await using var graph = TestGraph.Run();

        graph.Running.ShouldContain("langfuse");
        graph["gateway"].GetReplicaCount().ShouldBe(2);
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("minimal")]
    public async Task ProfileWithoutPostgres_RunsOneGateway(string profile)
    {
        await using var graph = TestGraph.Run("--LlmOps:Profile", profile);

        graph["gateway"].GetReplicaCount().ShouldBe(1);
    }

    [Theory]
    [InlineData("--LlmOps:Profile", "minimal", "--LlmOps:Replicas", "2", "LlmOps:Replicas", "ConnectionStrings:llmops")]
    [InlineData("--LlmOps:Profile", "full", "--LlmOps:Replicas", "0", "LlmOps:Replicas", "from 1")]
    [InlineData("--LlmOps:Profile", "full", "--LlmOps:Replicas", "two", "LlmOps:Replicas", "from 1")]
    [InlineData("--LlmOps:Profile", "small", "--LlmOps:Replicas", "1", "LlmOps:Profile", "embedded, minimal or full")]
    [InlineData("--LlmOps:Target", "swarm", "--LlmOps:Replicas", "1", "LlmOps:Target", "compose, kubernetes or azure")]
    [InlineData("--LlmOps:Kafka", "maybe", "--LlmOps:Replicas", "1", "LlmOps:Kafka", "true or false")]
    [InlineData("--ConnectionStrings:tei", "tei:80", "--LlmOps:Replicas", "1", "ConnectionStrings:tei", "http://host:8080")]
    public void FaultySetting_IsRefusedByName(string name, string value, string second, string secondValue, string key, string expected)
    {
        var refusal = Should.Throw<InvalidOperationException>(() => TestGraph.Run(name, value, second, secondValue));

        refusal.Message.ShouldContain(key);
        refusal.Message.ShouldContain(expected);
    }

    [Fact]
    public async Task PostgresElsewhere_TakesMoreGateways()
    {
        await using var graph = TestGraph.Run("--LlmOps:Profile", "minimal", "--LlmOps:Replicas", "3", "--ConnectionStrings:llmops", "Host=elsewhere");

        graph["gateway"].GetReplicaCount().ShouldBe(3);
        graph.Running.ShouldBe(["gateway", "redis"]);
        (await graph.EnvironmentOf("gateway"))[GatewayEnvironment.Database].ShouldBe("Host=elsewhere");
    }

    [Fact]
    public async Task EverythingElsewhere_StartsTheGatewayAlone()
    {
        await using var graph = TestGraph.Run(
            "--ConnectionStrings:redis", "elsewhere:6379", "--ConnectionStrings:llmops", "Host=elsewhere", "--ConnectionStrings:qdrant", "Endpoint=http://elsewhere:6333",
            "--ConnectionStrings:tei", "http://tei:80", "--ConnectionStrings:langfuse", "https://langfuse", "--ConnectionStrings:mlflow", "http://mlflow:5000",
            "--ConnectionStrings:ollama", "http://ollama:11434", "--ConnectionStrings:kafka", "http://kafka:8082");

        graph.Running.ShouldBe(["evaluator", "gateway"]);
        var told = await graph.EnvironmentOf("gateway");
        told[GatewayEnvironment.Redis].ShouldBe("elsewhere:6379");
        told[GatewayEnvironment.Embeddings].ShouldBe("http://tei:80");
        told[GatewayEnvironment.LangfuseHost].ShouldBe("https://langfuse");
        told[GatewayEnvironment.MlflowTrackingUri].ShouldBe("http://mlflow:5000");
        told[GatewayEnvironment.OllamaHost].ShouldBe("http://ollama:11434");
        told[GatewayEnvironment.KafkaRestUrl].ShouldBe("http://kafka:8082");
        told[GatewayEnvironment.KafkaEnabled].ShouldBe("true");
    }
}
