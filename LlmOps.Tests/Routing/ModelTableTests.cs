using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Routing;

/// <summary>A model is looked up as a configured name, a predefined one, provider/model, then by prefix.</summary>
public sealed class ModelTableTests
{
    private static readonly (string Key, string Value)[] Settings =
    [
        ("Gateway:Providers:openai:ApiKey", "x"),
        ("Gateway:Providers:local:Type", "openai"),
        ("Gateway:Providers:local:BaseUrl", "http://localhost:8000/v1"),
        ("Gateway:Models:gpt-4o:Targets:0:Provider", "local"),
        ("Gateway:Models:gpt-4o:Targets:0:Model", "qwen"),
        ("Gateway:Models:Assistant:Targets:0:Provider", "openai"),
        ("Gateway:Models:Assistant:Targets:0:Model", "gpt-4o"),
    ];

    [Theory]
    [InlineData("Assistant", "Assistant", "openai", "gpt-4o")]
    [InlineData("assistant", "Assistant", "openai", "gpt-4o")]
    [InlineData("gpt-4o", "gpt-4o", "local", "qwen")]
    [InlineData("gpt-4o-mini", "gpt-4o-mini", "openai", "gpt-4o-mini")]
    [InlineData("gpt-4o-primary", "gpt-4o-primary", "openai", "gpt-4o")]
    [InlineData("openai/gpt-4o", "openai/gpt-4o", "openai", "gpt-4o")]
    [InlineData("local/org/model:tag", "local/org/model:tag", "local", "org/model:tag")]
    [InlineData("gpt-9", "gpt-9", "openai", "gpt-9")]
    [InlineData("o3-mini", "o3-mini", "openai", "o3-mini")]
    [InlineData("offline", "offline", "offline", "offline")]
    public void Model_IsFound(string asked, string name, string provider, string model)
    {
        var route = ConfigurationTests.Build(Settings).Models.Resolve(asked).Route;

        (route.Name, route.Target.Provider, route.Target.Model).ShouldBe((name, provider, model));
    }

    [Fact]
    public void NameOfMoreThan256Characters_IsNoModel()
    {
        var models = ConfigurationTests.Build(Settings).Models;

        models.Resolve("openai/" + new string('x', 249)).Route.Target.Provider.ShouldBe("openai");
        Should.Throw<GatewayException>(() => models.Resolve("openai/" + new string('x', 250))).Error.ShouldBe(ErrorCode.ModelNotFound);
    }

    [Theory]
    [InlineData("groq-kimi-primary", "GROQ_API_KEY")]
    [InlineData("groq/llama-3.3-70b-versatile", "GROQ_API_KEY")]
    [InlineData("openrouter-fallback", "OPENROUTER_API_KEY")]
    public void ModelOfAProviderWithoutAKey_NamesTheKey(string asked, string key)
    {
        var exception = Should.Throw<ProviderException>(() => ConfigurationTests.Build(Settings).Models.Resolve(asked));

        exception.Error.ShouldBe(ErrorCode.ProviderNotConfigured);
        exception.Message.ShouldContain(key);
    }

    [Theory]
    [InlineData("no-such-model")]
    [InlineData("nobody/model")]
    [InlineData("openai/")]
    [InlineData("/x")]
    public void UnknownModel_IsNotFound(string asked) =>
        Should.Throw<GatewayException>(() => ConfigurationTests.Build(Settings).Models.Resolve(asked)).Error.ShouldBe(ErrorCode.ModelNotFound);

    [Fact]
    public void ConfiguredModelWithoutItsKey_IsNotLiveButKnown()
    {
        var models = ConfigurationTests.Build(("Gateway:Models:mine:Targets:0:Provider", "groq"), ("Gateway:Models:mine:Targets:0:Model", "m")).Models;

        models.Live.ShouldNotContain(model => model.Route.Name == "mine");
        Should.Throw<ProviderException>(() => models.Resolve("mine")).Message.ShouldContain("GROQ_API_KEY");
    }

    [Theory]
    [InlineData("gemini-2.5-flash", "gemini/gemini-2.5-flash, ollama/llama3.2")]
    [InlineData("groq-kimi-primary", "groq/moonshotai/kimi-k2-instruct, openai/gpt-4o, gemini/gemini-2.5-flash, openrouter/openrouter/auto")]
    [InlineData("gpt-4o-primary", "openai/gpt-4o, gemini/gemini-2.5-flash, openrouter/openrouter/auto")]
    [InlineData("gemini-secondary", "gemini/gemini-2.5-flash, openrouter/openrouter/auto")]
    [InlineData("openrouter-fallback", "openrouter/openrouter/auto")]
    [InlineData("gpt-4o", "openai/gpt-4o")]
    public void PredefinedModel_FallsBackAlongItsChain(string model, string chain) =>
        Targets(model, "gemini", "groq", "openai", "openrouter", "ollama").ShouldBe(chain);

    [Fact]
    public void Chain_HasTheConfiguredProvidersOnly() =>
        Targets("groq-kimi-primary", "groq", "openrouter").ShouldBe("groq/moonshotai/kimi-k2-instruct, openrouter/openrouter/auto");

    [Fact]
    public void ConfiguredModel_PassesOverTargetsWithoutTheirKey() =>
        ConfigurationTests.Build(
            ("Gateway:Providers:openai:ApiKey", "x"),
            ("Gateway:Models:mine:Targets:0:Provider", "groq"), ("Gateway:Models:mine:Targets:0:Model", "m"),
            ("Gateway:Models:mine:Targets:1:Provider", "openai"), ("Gateway:Models:mine:Targets:1:Model", "n"))
            .Models.Resolve("mine").Route.Targets.Select(target => target.Provider).ShouldBe(["openai"]);

    [Fact]
    public void UnknownStrategy_IsAFaultThatNamesTheKnownOnes() =>
        Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(
            ("Gateway:Models:mine:Strategy", "fastest"),
            ("Gateway:Models:mine:Targets:0:Provider", "offline"), ("Gateway:Models:mine:Targets:0:Model", "offline")))
            .Message.ShouldContain("Gateway:Models:mine:Strategy is 'fastest'; expected one of order, weighted, latency, sticky.");

    private static string Targets(string model, params string[] providers) => string.Join(", ", ConfigurationTests.Build(
        [.. providers.Select(provider => ($"Gateway:Providers:{provider}:{(provider == "ollama" ? "BaseUrl" : "ApiKey")}", provider == "ollama" ? "http://localhost:1" : "x"))])
        .Models.Resolve(model).Route.Targets.Select(target => $"{target.Provider}/{target.Model}"));
}
