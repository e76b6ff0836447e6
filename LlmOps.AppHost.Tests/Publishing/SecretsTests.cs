namespace LlmOps.AppHost.Tests.Publishing;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("compose")]
    [InlineData("kubernetes")]
    public async Task WhatIsPublished_HoldsNoSecret(string target)
    {
        using var published = await PublishedGraph.Of(target, "--LlmOps:Kafka", "true");

        published.Files.Values.ShouldAllBe(text => !text.Contains(TestGraph.Sentinel, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("kubernetes")]
    public async Task ConnectionStringOfWhatIsElsewhere_IsNotPublished(string target)
    {
        using var published = await PublishedGraph.Of(
            target, "--ConnectionStrings:redis", $"elsewhere:6379,password={TestGraph.Sentinel}", "--ConnectionStrings:llmops", $"Host=elsewhere;Password={TestGraph.Sentinel}",
            "--ConnectionStrings:langfuse", $"https://user:{TestGraph.Sentinel}@langfuse");

        published.Files.Values.ShouldAllBe(text => !text.Contains(TestGraph.Sentinel, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Compose_EndsWhereASecretIsMissing()
    {
        using var published = await PublishedGraph.Of("compose");

        var gateway = published.Read("docker-compose.yaml")["services"]["gateway"]["environment"];
        gateway[GatewayEnvironment.AdminKey].Text.ShouldBe("${LLMOPS_ADMIN_KEY:?}");
        gateway[GatewayEnvironment.Redis].Text.ShouldBe("redis:6379,password=${REDIS_PASSWORD:?}");
        gateway["GEMINI_API_KEY"].Text.ShouldBe("${GEMINI_API_KEY:-}");
    }

    [Fact]
    public async Task Chart_NamesEachValueThatItsTemplatesRead()
    {
        using var published = await PublishedGraph.Of("kubernetes", "--LlmOps:Kafka", "true");

        var values = published.Read("values.yaml");
        var unlisted = published.Values().Where(path => !path.Split('.').Aggregate(values, (node, key) => node[key]).Exists);
        unlisted.ShouldBeEmpty();
    }

    [Fact]
    public async Task Chart_EndsWhereASecretIsMissing()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var secrets = published.Read("templates/gateway/secrets.yaml")["stringData"];
        secrets[GatewayEnvironment.Redis].Text.ShouldBe("redis-service:6379,password={{ required `secrets.redis.redis_password is empty` .Values.secrets.redis.redis_password }}");
        secrets["GEMINI_API_KEY"].Text.ShouldBe("{{ .Values.secrets.gateway.gemini_api_key }}");
    }
}
