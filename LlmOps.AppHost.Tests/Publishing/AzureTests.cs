namespace LlmOps.AppHost.Tests.Publishing;

public sealed class AzureTests
{
    [Fact]
    public async Task Azure_RunsTheGatewayWithItsRedisAndPostgres()
    {
        await using var graph = TestGraph.Publish("azure", "unused");

        graph.Running.ShouldBe(["gateway"]);
        var types = graph.Model.Resources.Select(resource => resource.GetType().Name).ToList();
        types.ShouldContain("AzureContainerAppEnvironmentResource");
        types.ShouldContain("AzureManagedRedisResource");
        types.ShouldContain("AzurePostgresFlexibleServerDatabaseResource");
        (await UntoldAsync(graph, Part.Redis | Part.Postgres)).ShouldBe(["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY", "OPENROUTER_API_KEY"]);
    }

    [Fact]
    public async Task WhatIsElsewhere_IsToldOf()
    {
        await using var graph = TestGraph.Publish(
            "azure", "unused", "--ConnectionStrings:qdrant", "Endpoint=https://qdrant:6333;Key=key", "--ConnectionStrings:langfuse", "https://langfuse",
            "--OPENAI_API_KEY", "sk-1", "--ANTHROPIC_API_KEY", "sk-2", "--GROQ_API_KEY", "gsk-3", "--Parameters:openrouter-api-key", "sk-or-4");

        (await UntoldAsync(graph, Part.Redis | Part.Postgres | Part.Qdrant | Part.Langfuse)).ShouldBeEmpty();
    }

    [Fact]
    public async Task KeysOfALangfuseElsewhereThatAreEmpty_AreNotPublished()
    {
        // Container Apps refuse a secret that is empty.
        await using var graph = TestGraph.Publish(
            "azure", "unused", "--ConnectionStrings:langfuse", "https://langfuse", "--Parameters:langfuse-public-key", "", "--Parameters:langfuse-secret-key", "", "--Parameters:gemini-api-key", "");

        (await UntoldAsync(graph, Part.Redis | Part.Postgres | Part.Langfuse)).ShouldBe(
            [.. GatewayEnvironment.ProviderKeys.Select(key => key.Variable), GatewayEnvironment.LangfusePublicKey, GatewayEnvironment.LangfuseSecretKey]);
        graph.Model.Resources.ShouldAllBe(resource => resource.Name != "gemini-api-key" && resource.Name != "langfuse-secret-key");
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("minimal")]
    public void ProfileWithoutPostgres_IsRefused(string profile)
    {
        var refusal = Should.Throw<InvalidOperationException>(() => TestGraph.Publish("azure", "unused", "--LlmOps:Profile", profile));

        refusal.Message.ShouldContain("LlmOps:Target");
        refusal.Message.ShouldContain("ConnectionStrings:llmops");
    }

    [Fact]
    public async Task PostgresElsewhere_DoesWithoutTheProfile()
    {
        await using var graph = TestGraph.Publish("azure", "unused", "--LlmOps:Profile", "embedded", "--ConnectionStrings:llmops", "Host=elsewhere");

        (await UntoldAsync(graph, Part.Postgres)).ShouldNotContain(GatewayEnvironment.Database);
    }

    [Fact]
    public async Task Manifest_IsForAzure()
    {
        // As azd asks for it.
        await using var graph = TestGraph.Run("--operation", "publish", "--publisher", "manifest", "--output-path", "unused");

        graph.Model.Resources.Select(resource => resource.GetType().Name).ShouldContain("AzureContainerAppEnvironmentResource");
    }

    [Fact]
    public async Task Gateway_IsProbedScaledAndCanDrain()
    {
        using var published = await PublishedGraph.Of("azure");

        var app = published.Files.Values.Where(text => text.Contains("'Microsoft.App/containerApps@", StringComparison.Ordinal)).ShouldHaveSingleItem();
        app.ShouldContain("path: '/alive'");
        app.ShouldContain("path: '/health/ready'");
        app.ShouldContain("type: 'Readiness'");
        app.ShouldContain("terminationGracePeriodSeconds: 60");
        app.ShouldContain("minReplicas: 2");
        app.ShouldContain("maxReplicas: 10");
        published.Files.Values.ShouldContain(text => text.Contains("'Standard_B2s'", StringComparison.Ordinal));
        published.Files.Values.ShouldAllBe(text => !text.Contains(TestGraph.Sentinel, StringComparison.Ordinal));
    }

    private static async Task<IEnumerable<string>> UntoldAsync(TestGraph graph, Part parts) =>
        GatewayEnvironment.For(parts, isPublished: true).Except((await graph.EnvironmentOf("gateway")).Keys);
}
