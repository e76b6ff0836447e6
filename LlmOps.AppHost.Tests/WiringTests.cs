using Aspire.Hosting.ApplicationModel;
using LlmOps.AppHost.Tests.Orchestrated;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.AppHost.Tests;

public sealed class WiringTests
{
    [Fact]
    public async Task Gateway_WaitsForNothing()
    {
        await using var graph = TestGraph.Run();

        graph.WaitsOf("gateway").ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatNeedsAnother_WaitsForIt()
    {
        await using var graph = TestGraph.Run();

        graph.WaitsOf("langfuse").ShouldBe(["langfuse-db: WaitUntilHealthy", "postgres: WaitUntilHealthy"]);
        graph.WaitsOf("mlflow").ShouldBe(["mlflow-db: WaitUntilHealthy", "postgres: WaitUntilHealthy"]);
        graph.WaitsOf("ollama-pull").ShouldBe(["ollama: WaitUntilHealthy"]);
        graph.WaitsOf("evaluator").ShouldBe(["gateway: WaitUntilHealthy", "ollama-pull: WaitForCompletion"]);
    }

    [Fact]
    public async Task WhatServes_HasAHealthCheckThatIsRegistered()
    {
        await using var graph = TestGraph.Run("--LlmOps:Kafka", "true");

        var registered = graph.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(registration => registration.Name).ToList();
        foreach (var name in graph.Running.Except(["evaluator", "ollama-pull"]))
        {
            graph[name].Annotations.OfType<HealthCheckAnnotation>().ShouldHaveSingleItem(name).Key.ShouldBeOneOf([.. registered]);
        }
    }

    [Fact]
    public async Task Servers_AreStartedWithTheirLimits()
    {
        await using var graph = TestGraph.Run();

        string.Join(' ', await graph.ArgumentsOf("redis")).ShouldEndWith("--save 60 1 --maxmemory 768mb --maxmemory-policy volatile-lru");
        (await graph.ArgumentsOf("postgres")).ShouldBe(["-c", "max_connections=200"]);
        (await graph.EnvironmentOf("mlflow"))["MLFLOW_WORKERS"].ShouldBe("1");
    }

    [Fact]
    public async Task Model_IsTheOneThatTheGatewayAsksFor()
    {
        await using var graph = TestGraph.Run();

        (await graph.EnvironmentOf("ollama-pull"))["MODEL"].ShouldBe("llama3.2");
        (await graph.ArgumentsOf("ollama-pull")).ShouldBe(["-c", "until ollama list; do sleep 5; done; ollama pull \"$MODEL\""]);
    }

    [Theory]
    [InlineData("redis", "llmops-redis")]
    [InlineData("postgres", "llmops-postgres")]
    [InlineData("qdrant", "llmops-qdrant")]
    [InlineData("tei", "llmops-tei")]
    [InlineData("mlflow", "llmops-mlflow")]
    [InlineData("ollama", "llmops-ollama")]
    [InlineData("redpanda", "llmops-redpanda")]
    public async Task WhatKeepsData_KeepsItOnAVolume(string name, string volume)
    {
        await using var graph = TestGraph.Run("--LlmOps:Kafka", "true");

        graph[name].Annotations.OfType<ContainerMountAnnotation>().ShouldContain(mount => mount.Type == ContainerMountType.Volume && mount.Source == volume && !mount.IsReadOnly);
    }

    [Fact]
    public async Task GraphThatIsSetApart_HasVolumesOfModelsAlone()
    {
        await using var graph = TestGraph.Run("--LlmOps:Kafka", "true");

        RunningGraph.SetApart(graph.Model.Resources);

        var annotations = graph.Model.Resources.SelectMany(resource => resource.Annotations).ToList();
        annotations.OfType<ContainerMountAnnotation>().Select(mount => mount.Source).ShouldBe(["llmops-tei", "llmops-ollama"], ignoreOrder: true);
        annotations.OfType<ContainerLifetimeAnnotation>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gateway", 8080)]
    [InlineData("langfuse", 3000)]
    [InlineData("mlflow", 5000)]
    public async Task WhatPeopleUse_HasAFixedPort(string name, int port)
    {
        await using var graph = TestGraph.Run();

        var endpoint = graph[name].Annotations.OfType<EndpointAnnotation>().ShouldHaveSingleItem();
        endpoint.Name.ShouldBe("http");
        endpoint.Port.ShouldBe(port);
    }

    [Fact]
    public async Task Images_HaveTagsOfTheirOwn()
    {
        await using var graph = TestGraph.Run("--LlmOps:Kafka", "true");

        foreach (var container in graph.Model.Resources.OfType<ContainerResource>())
        {
            container.Annotations.OfType<ContainerImageAnnotation>().Last().Tag.ShouldNotBeOneOf(null, "", "latest");
        }
    }

    [Fact]
    public async Task TeiOfOnesOwn_IsStarted()
    {
        await using var graph = TestGraph.Run("--LlmOps:TeiImage", "mirror/tei", "--LlmOps:TeiTag", "86-1.9", "--Parameters:embedding-model", "intfloat/e5-small");

        var image = graph["tei"].Annotations.OfType<ContainerImageAnnotation>().Last();
        $"{image.Image}:{image.Tag}".ShouldBe("mirror/tei:86-1.9");
        (await graph.EnvironmentOf("tei"))["MODEL_ID"].ShouldBe("intfloat/e5-small");
    }

    [Fact]
    public async Task Evaluator_IsStartedByHandAgainstTheGateway()
    {
        await using var graph = TestGraph.Run();

        graph["evaluator"].Annotations.OfType<ExplicitStartupAnnotation>().ShouldHaveSingleItem();
        (await graph.EnvironmentOf("evaluator"))[GatewayEnvironment.AdminKey].ShouldBe("SENTINEL-llmops-admin-key");
        var arguments = await graph.ArgumentsOf("evaluator");
        var own = arguments.SkipWhile(argument => argument != "compare").ToArray();
        own[..8].ShouldBe(["compare", "summarizer", "v1", "v2", "--publish", "gateway", "--gateway", "http://localhost:8080"]);
        File.Exists(Path.Combine(own[Array.IndexOf(own, "--prompts") + 1], "summarizer", "dataset.jsonl")).ShouldBeTrue();
    }

    [Fact]
    public async Task Dashboard_OffersTheCommandsOfTheGateway()
    {
        await using var graph = TestGraph.Run("--LlmOps:Profile", "embedded");

        var commands = graph["gateway"].Annotations.OfType<ResourceCommandAnnotation>().ToDictionary(command => command.Name);
        commands["clear-cache"].ConfirmationMessage.ShouldNotBeNull();
        commands["switch-label"].Arguments.Select(argument => argument.Name).ShouldBe(["prompt", "label", "version"]);
    }
}
