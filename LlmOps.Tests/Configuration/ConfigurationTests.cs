using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Configuration;

namespace LlmOps.Tests.Configuration;

public sealed class ConfigurationTests
{
    [Fact]
    public void AllFaults_AreToldAtOnceEachWithItsKey()
    {
        var exception = Should.Throw<ConfigurationException>(() => Build(
            ("Gateway:Endpoints:Port", "abc"),
            ("Gateway:Endpoints:DefaultTemperature", "7"),
            ("Gateway:Routing:HeaderTimeout", "30"),
            ("Gateway:Routing:FirstChunkTimeout", "999999999h"),
            ("Gateway:Endpoints:MaxBodyBytes", "5000000000"),
            ("Gateway:Providers:größe:Type", "offline"),
            ("Gateway:Models:far:Targets:0:Provider", "offline"),
            ("Gateway:Models:far:Targets:0:Model", "größe"),
            ("Gateway:Routing:TotalTimeut", "00:01:00"),
            ("Gateway:Providers:mine:Type", "telepathy"),
            ("Gateway:Providers:other:Type", "openai"),
            ("Gateway:Providers:third:BaseUrl", "ftp://x"),
            ("Gateway:Models:m:Targets:0:Provider", "nobody"),
            ("Gateway:Models:m:Targets:0:Model", "x"),
            ("Gateway:Models:two:Targets:0:Provider", "offline"),
            ("Gateway:DefaultModel", "no-such-model"),
            ("Gateway:Access:Mode", "Sometimes"),
            ("Gateway:Endpoints:Host", "127.0.0.l"),
            ("Gateway:Endpoints:CorsOrigins", "https://a.example/path,app.example"),
            ("Gateway:Providers:openai:ApiKey", "sk-a\nb"),
            ("Gateway:Providers:groq:BaseUrl", "https://user:pw@x/v1"),
            ("Gateway:Providers:openrouter:BaseUrl", "https://x/v1/chat/completions"),
            ("Gateway:Telemetry:Kafka:Enabled", "true"),
            ("Gateway:Telemetry:Kafka:ErrorTopic", "llm errors"),
            ("Logging:File:Path", "/proc/none/x.log"),
            ("Logging:LogLevel:Default", "Chatty")));

        string[] expected =
        [
            "Gateway:Endpoints:Port (LLM_PORT) is 'abc'; expected a whole number.",
            "Gateway:Endpoints:DefaultTemperature (LLM_DEFAULT_TEMPERATURE) is 7; expected 0 to 2.",
            "Gateway:Routing:HeaderTimeout is '30'; expected a duration",
            "Gateway:Routing:FirstChunkTimeout is '999999999h'; expected a duration",
            "Gateway:Endpoints:MaxBodyBytes is 5000000000; expected 1024 to 1073741824.",
            "Gateway:Providers:größe has a space or a character outside ASCII in its name",
            "Gateway:Models:far:Targets:0:Model has a space or a character outside ASCII",
            "Gateway:Telemetry:Kafka:RestUrl (KAFKA_REST_URL) is missing; expected the REST proxy's address where Gateway:Telemetry:Kafka:Enabled (KAFKA_ENABLED) is true.",
            "Gateway:Telemetry:Kafka:ErrorTopic (KAFKA_ERROR_TOPIC) is 'llm errors', which is no topic's name; expected up to 249 letters",
            "Gateway:Routing:TotalTimeut is not a setting; expected one of",
            "Gateway:Providers:mine:Type is 'telepathy'; expected one of openai, gemini, anthropic, ollama, tei, offline.",
            "Gateway:Providers:other:BaseUrl is missing",
            "Gateway:Providers:third:BaseUrl is 'ftp://x'; expected an address",
            "Gateway:Providers:third:Type is missing",
            "Gateway:Models:m:Targets:0:Provider is 'nobody'; expected one of",
            "Gateway:Models:two:Targets:0:Model is missing",
            "Gateway:DefaultModel (DEFAULT_MODEL, LLM_DEFAULT_MODEL, GOOGLE_MODEL) is 'no-such-model'; expected one of",
            "Gateway:Access:Mode (LLM_ENABLE_AUTH) is 'Sometimes'; expected Open or Required.",
            "Gateway:Endpoints:CorsOrigins has an entry that is no web origin",
            "Gateway:Endpoints:Host (LLM_HOST) is '127.0.0.l', which is no address to listen on; expected localhost",
            "Gateway:Providers:openai:ApiKey (OPENAI_API_KEY) has a space, a line break",
            "Gateway:Providers:groq:BaseUrl has a query, a user or a path of one endpoint",
            "Gateway:Providers:openrouter:BaseUrl has a query, a user or a path of one endpoint",
            "Logging:File:Path (LLM_LOG_FILE) is '/proc/none/x.log', which cannot be written",
            "Logging:LogLevel:Default (LLM_DEBUG, LLM_LOG_LEVEL, API_LOG_LEVEL, LITELLM_LOG) is 'Chatty'; expected one of",
        ];
        foreach (var fault in expected)
        {
            exception.Faults.ShouldContain(told => told.StartsWith(fault, StringComparison.Ordinal), fault);
        }

        exception.Faults.Count.ShouldBe(expected.Length);
    }

    [Theory]
    [InlineData("00:00:05", 5_000)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("250ms", 250)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    public void Duration_TakesUnits(string text, int milliseconds)
    {
        var snapshot = Build(("Gateway:Routing:HeaderTimeout", text));

        snapshot.Options.Routing.HeaderTimeout.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Fact]
    public void WithoutKeys_OfflineIsTheDefault()
    {
        var snapshot = Build();

        snapshot.Models.DefaultModel.ShouldBe("offline");
        snapshot.Models.Live.Select(model => model.Route.Name).ShouldBe(["offline", "offline-embedding"]);
    }

    [Fact]
    public void SingleValueInPlaceOfEntries_IsAFault() =>
        Should.Throw<ConfigurationException>(() => Build(("Gateway:Providers", "openai"))).Message.ShouldContain("Gateway:Providers is a single value");

    [Fact]
    public void NoProviderAtAll_IsAFaultAndNoCrash() =>
        Should.Throw<ConfigurationException>(() => Build(("Gateway:Providers:offline:Type", "telepathy"))).Message.ShouldContain("Gateway:Providers:offline:Type");

    [Fact]
    public void EmptyKey_MeansNotConfigured()
    {
        var snapshot = Build(("Gateway:Providers:openai:ApiKey", " "));

        snapshot.Providers.Single(provider => provider.Name == "openai").Missing!.ShouldContain("OPENAI_API_KEY");
        snapshot.Models.DefaultModel.ShouldBe("offline");
    }

    [Fact]
    public void AKeyAlone_SwitchesAProviderOn()
    {
        var snapshot = Build(("Gateway:Providers:groq:ApiKey", "gsk_x"));

        snapshot.Models.DefaultModel.ShouldBe("groq-kimi-primary");
        var target = snapshot.Models.Resolve("groq-kimi-primary").Route.Target;
        (target.Provider, target.Model).ShouldBe(("groq", "moonshotai/kimi-k2-instruct"));
    }

    [Fact]
    public void DefaultProvider_ChoosesTheDefaultModel() =>
        Build(("Gateway:Providers:openai:ApiKey", "x"), ("Gateway:Providers:groq:ApiKey", "x"), ("Gateway:DefaultProvider", "groq"))
            .Models.DefaultModel.ShouldBe("groq-kimi-primary");

    [Fact]
    public void Version_IsTheSameForTheSameSettingsAndBlindToSecrets()
    {
        var first = Build(("Gateway:Providers:openai:ApiKey", "one")).Version;

        Build(("Gateway:Providers:openai:ApiKey", "two")).Version.ShouldBe(first);
        Build().Version.ShouldNotBe(first);
        Build(("Gateway:Providers:openai:ApiKey", "one"), ("Gateway:Endpoints:Port", "1")).Version.ShouldNotBe(first);
    }

    [Fact]
    public void Secret_IsMaskedInEveryPrintedForm()
    {
        var secret = new Secret("sk-very-secret");

        secret.ToString().ShouldBe("***");
        $"{secret}".ShouldBe("***");
        JsonSerializer.Serialize(new { Key = secret }).ShouldBe("""{"Key":"***"}""");
        new { Key = secret }.ToString()!.ShouldNotContain("very");
        secret.Reveal().ShouldBe("sk-very-secret");
    }

    internal static GatewaySnapshot Build(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        return GatewaySnapshot.Build(configuration, new ProviderFactory(new ProviderTransport(TimeProvider.System), null, TimeProvider.System), FakeRequests.States());
    }
}
