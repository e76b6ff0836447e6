using LlmOps.Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace LlmOps.Tests.Configuration;

public sealed class EnvironmentSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("OPENAI_API_KEY", "sk-1", "Gateway:Providers:openai:ApiKey", "sk-1")]
    [InlineData("OPENAI_BASE_URL", "http://x/v1", "Gateway:Providers:openai:BaseUrl", "http://x/v1")]
    [InlineData("LLM_PROVIDER", "groq", "Gateway:DefaultProvider", "groq")]
    [InlineData("LLM_PROVIDER", "google", "Gateway:DefaultProvider", "gemini")]
    [InlineData("LLM_PROVIDER", "Google", "Gateway:DefaultProvider", "gemini")]
    [InlineData("GOOGLE_MODEL", "gemini-2.5-pro", "Gateway:DefaultModel", "gemini-2.5-pro")]
    [InlineData("ANTHROPIC_API_KEY", "k", "Gateway:Providers:anthropic:ApiKey", "k")]
    [InlineData("OLLAMA_HOST", "gpu-box", "Gateway:Providers:ollama:BaseUrl", "http://gpu-box:11434/")]
    [InlineData("LLM_ENABLE_AUTH", "true", "Gateway:Access:Mode", "Required")]
    [InlineData("LLM_ENABLE_AUTH", "false", "Gateway:Access:Mode", "Open")]
    [InlineData("LLM_LOG_LEVEL", "info", "Logging:LogLevel:Default", "Information")]
    [InlineData("LITELLM_LOG", "DEBUG", "Logging:LogLevel:Default", "DEBUG")]
    [InlineData("LLM_DEBUG", "true", "Logging:LogLevel:Default", "Debug")]
    [InlineData("LLM_DEBUG", "false", "Logging:LogLevel:Default", null)]
    [InlineData("LITELLM_MASTER_KEY", "sk-1234", "Gateway:Access:AdministratorKey", "sk-1234")]
    [InlineData("REDIS_URL", "redis://h:1", "Gateway:Redis:ConnectionString", "redis://h:1")]
    [InlineData("ConnectionStrings__redis", "h:1", "Gateway:Redis:ConnectionString", "h:1")]
    [InlineData("REDIS_ENABLED", "false", "Gateway:Redis:Enabled", "false")]
    [InlineData("REDIS_MAX_CONNECTIONS", "4", "Gateway:Redis:MaxConnections", "4")]
    [InlineData("Gateway__Models__m__Targets__0__Provider", "offline", "Gateway:Models:m:Targets:0:Provider", "offline")]
    [InlineData("KAFKA_ENABLED", "true", "Gateway:Telemetry:Kafka:Enabled", "true")]
    [InlineData("KAFKA_REST_URL", "http://kafka:8082", "Gateway:Telemetry:Kafka:RestUrl", "http://kafka:8082")]
    [InlineData("MLFLOW_TRACKING_URI", "http://mlflow:5000", "Gateway:Telemetry:MLflow:TrackingUri", "http://mlflow:5000")]
    [InlineData("MLFLOW_EXPERIMENT_NAME", "mine", "Gateway:Telemetry:MLflow:Experiment", "mine")]
    [InlineData("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092", "KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")]
    [InlineData("OPENAI_API_KEY", "  ", "Gateway:Providers:openai:ApiKey", null)]
    public void ShortName_SetsItsKey(string name, string value, string key, string? expected) =>
        Read((name, value))[key].ShouldBe(expected);

    [Fact]
    public void FirstNameOfAKey_Wins()
    {
        var configuration = Read(
            ("GOOGLE_MODEL", "third"), ("LLM_DEFAULT_MODEL", "second"), ("DEFAULT_MODEL", "first"), ("LITELLM_MASTER_KEY", "second"), ("LLMOPS_ADMIN_KEY", "first"),
            ("GOOGLE_API_KEY", "second"), ("GEMINI_API_KEY", "first"));

        configuration["Gateway:DefaultModel"].ShouldBe("first");
        configuration["Gateway:Access:AdministratorKey"].ShouldBe("first");
        configuration["Gateway:Providers:gemini:ApiKey"].ShouldBe("first");
    }

    [Fact]
    public void LongName_WinsOverTheShortOne() =>
        Read(("LLM_PORT", "1"), ("Gateway__Endpoints__Port", "2"))["Gateway:Endpoints:Port"].ShouldBe("2");

    [Fact]
    public void NameFile_GivesASecretFromAFile()
    {
        var path = Path.Combine(_folder, "key");
        File.WriteAllText(path, "sk-from-file\n");

        Read(("OPENAI_API_KEY_FILE", path))["Gateway:Providers:openai:ApiKey"].ShouldBe("sk-from-file");
        Read(("OPENAI_API_KEY_FILE", path), ("OPENAI_API_KEY", "sk-direct"))["Gateway:Providers:openai:ApiKey"].ShouldBe("sk-direct");
        Read(("Gateway__Providers__mine__ApiKey_FILE", path))["Gateway:Providers:mine:ApiKey"].ShouldBe("sk-from-file");
    }

    [Fact]
    public void NameFileThatCannotBeRead_IsAFaultThatNamesIt() =>
        Should.Throw<ConfigurationException>(() => Read(("GROQ_API_KEY_FILE", "/does/not/exist"))).Message.ShouldContain("GROQ_API_KEY_FILE");

    [Fact]
    public void SecretsFolder_GivesAFilePerVariable()
    {
        File.WriteAllText(Path.Combine(_folder, "openai_api_key"), "sk-mounted\n");
        File.WriteAllText(Path.Combine(_folder, "unrelated"), "x");

        var configuration = new ConfigurationBuilder().Add(EnvironmentSource.SecretsFolder(_folder)).Build();

        configuration["Gateway:Providers:openai:ApiKey"].ShouldBe("sk-mounted");
    }

    [Fact]
    public void DotEnv_IsReadAsOthersReadIt()
    {
        var path = Path.Combine(_folder, ".env");
        File.WriteAllText(path, """
            # a comment
            export OPENAI_API_KEY=sk-plain # trailing comment
            GROQ_API_KEY='single # quoted'
            LLM_APP_NAME="a \"name\""
            DEFAULT_MODEL = offline

            UNKNOWN=x
            LLM_VERSION=1#2
            """);

        var configuration = new ConfigurationBuilder().Add(EnvironmentSource.DotEnv(path)).Build();

        configuration["Gateway:Providers:openai:ApiKey"].ShouldBe("sk-plain");
        configuration["Gateway:Providers:groq:ApiKey"].ShouldBe("single # quoted");
        configuration["Gateway:Endpoints:ServiceName"].ShouldBe("a \"name\"");
        configuration["Gateway:DefaultModel"].ShouldBe("offline");
        configuration["Gateway:Endpoints:ServiceVersion"].ShouldBe("1#2");
    }

    [Fact]
    public void DotEnvLineThatIsNone_IsAFaultThatDoesNotShowIt()
    {
        var path = Path.Combine(_folder, ".env");
        File.WriteAllText(path, "OPENAI_API_KEY=x\nsk-lost-its-name\n");

        var exception = Should.Throw<ConfigurationException>(() => new ConfigurationBuilder().Add(EnvironmentSource.DotEnv(path)).Build());

        exception.Message.ShouldContain(".env line 2");
        exception.Message.ShouldNotContain("lost");
    }

    private static IConfigurationRoot Read(params (string Name, string Value)[] variables) =>
        new ConfigurationBuilder()
            .Add(new EnvironmentSource(() => variables.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.OrdinalIgnoreCase)))
            .Build();
}
