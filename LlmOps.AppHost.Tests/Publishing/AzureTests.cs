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
        GatewayEnvironment.For(Part.Redis | Part.Postgres, isPublished: true).Except((await graph.EnvironmentOf("gateway")).Keys).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatIsElsewhere_IsToldOf()
    {
        await using var graph = TestGraph.Publish("azure", "unused", "--ConnectionStrings:qdrant", "Endpoint=https://qdrant:6333;Key=key", "--ConnectionStrings:langfuse", "https://langfuse");

        GatewayEnvironment.For(Part.Redis | Part.Postgres | Part.Qdrant | Part.Langfuse, isPublished: true).Except((await graph.EnvironmentOf("gateway")).Keys).ShouldBeEmpty();
    }

    [Fact]
    public async Task Manifest_IsForAzure()
    {
        // As azd asks for it.
        await using var graph = TestGraph.Run("--operation", "publish", "--publisher", "manifest", "--output-path", "unused");

        graph.Model.Resources.Select(resource => resource.GetType().Name).ShouldContain("AzureContainerAppEnvironmentResource");
    }
}
