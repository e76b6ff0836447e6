namespace LlmOps.AppHost.Tests.Publishing;

public sealed class ComposeTests
{
    [Fact]
    public async Task Gateway_IsConfinedAndCanDrain()
    {
        using var published = await PublishedGraph.Of("compose");

        var gateway = published.Read("docker-compose.yaml")["services"]["gateway"];
        gateway["image"].Text.ShouldBe("${GATEWAY_IMAGE:?}");
        gateway["read_only"].Text.ShouldBe("true");
        gateway["tmpfs"].Texts.ShouldBe(["/tmp"]);
        gateway["cap_drop"].Texts.ShouldBe(["ALL"]);
        gateway["security_opt"].Texts.ShouldBe(["no-new-privileges:true"]);
        gateway["stop_grace_period"].Text.ShouldBe("60s");
        gateway["healthcheck"]["test"].Texts.ShouldBe(["CMD", "dotnet", "/app/LlmOps.Gateway.dll", "--health"]);
        gateway["deploy"]["resources"]["limits"]["memory"].Text.ShouldBe("1G");
        gateway["environment"]["ASPNETCORE_FORWARDEDHEADERS_ENABLED"].Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task Gateways_ShareAVolumeAndARangeOfPorts()
    {
        using var published = await PublishedGraph.Of("compose", "--LlmOps:Replicas", "3");

        var gateway = published.Read("docker-compose.yaml")["services"]["gateway"];
        gateway["deploy"]["replicas"].Text.ShouldBe("3");
        gateway["ports"].Texts.ShouldBe(["8080-8082:8080"]);
        gateway["volumes"].Items.ShouldHaveSingleItem()["target"].Text.ShouldBe(GatewayEnvironment.PublishedVolume);
        gateway["environment"][GatewayEnvironment.DataFolder].Text!.ShouldStartWith(GatewayEnvironment.PublishedVolume);
    }

    [Fact]
    public async Task OneGateway_HasThePort()
    {
        using var published = await PublishedGraph.Of("compose", "--LlmOps:Profile", "embedded");

        published.Read("docker-compose.yaml")["services"]["gateway"]["ports"].Texts.ShouldBe(["8080:8080"]);
    }

    [Fact]
    public async Task WhatIsNotTheGateway_IsForThisMachineAlone()
    {
        using var published = await PublishedGraph.Of("compose", "--LlmOps:Kafka", "true");

        var services = published.Read("docker-compose.yaml")["services"];
        foreach (var port in services.Keys.Where(name => name != "gateway").SelectMany(name => services[name]["ports"].Texts))
        {
            port!.ShouldStartWith("127.0.0.1:");
        }

        services["mlflow"]["ports"].Texts.ShouldBe(["127.0.0.1:5000:5000"]);
    }

    [Fact]
    public async Task EveryService_IsRestartedCheckedAndLimited()
    {
        using var published = await PublishedGraph.Of("compose", "--LlmOps:Kafka", "true");

        var services = published.Read("docker-compose.yaml")["services"];
        foreach (var name in services.Keys.Except(["compose-dashboard", "ollama-pull"]))
        {
            services[name]["restart"].Text.ShouldBe("unless-stopped", name);
            services[name]["healthcheck"]["test"].Items.ShouldNotBeEmpty(name);
            services[name]["deploy"]["resources"]["limits"]["memory"].Text.ShouldNotBeNull(name);
        }
    }

    [Fact]
    public async Task Commands_AreThoseOfRunMode()
    {
        using var published = await PublishedGraph.Of("compose");

        // $$ is a $ that Compose leaves to the shell.
        var services = published.Read("docker-compose.yaml")["services"];
        services["redis"]["command"].Texts.ShouldBe(["-c", "redis-server --requirepass $$REDIS_PASSWORD --save 60 1 --maxmemory 768mb --maxmemory-policy volatile-lru"]);
        services["postgres"]["command"].Texts.ShouldBe(["-c", "max_connections=200"]);
        services["ollama-pull"]["command"].Texts.ShouldBe(["-c", "until ollama list; do sleep 5; done; ollama pull \"$$MODEL\""]);
    }

    [Fact]
    public async Task Images_HaveTagsOfTheirOwn()
    {
        using var published = await PublishedGraph.Of("compose", "--LlmOps:Kafka", "true");

        var services = published.Read("docker-compose.yaml")["services"];
        foreach (var name in services.Keys.Except(["gateway"])) // whose image is the user's
        {
            services[name]["image"].Text!.Split(':').Last().ShouldNotBeOneOf("", "latest", services[name]["image"].Text);
        }

        services["compose-dashboard"]["image"].Text!.ShouldEndWith($":{Images.DashboardTag}");
    }

    [Fact]
    public async Task WhatNeedsADatabase_StartsWhenItIsWell()
    {
        using var published = await PublishedGraph.Of("compose");

        var file = published.Read("docker-compose.yaml");
        file["services"]["langfuse"]["depends_on"]["postgres"]["condition"].Text.ShouldBe("service_healthy");
        file["services"]["mlflow"]["depends_on"]["postgres"]["condition"].Text.ShouldBe("service_healthy");
        file["services"]["gateway"]["depends_on"].Exists.ShouldBeFalse();
        file["configs"][file["configs"].Keys.ShouldHaveSingleItem()]["content"].Text.ShouldBe("CREATE DATABASE \"llmops\";\nCREATE DATABASE \"langfuse\";\nCREATE DATABASE \"mlflow\";\n");
    }

    [Fact]
    public async Task Evaluator_IsNotPublished()
    {
        using var published = await PublishedGraph.Of("compose");

        published.Read("docker-compose.yaml")["services"].Keys.ShouldNotContain("evaluator");
    }
}
