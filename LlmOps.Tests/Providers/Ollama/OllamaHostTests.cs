using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers.Ollama;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>OLLAMA_HOST is read as Ollama's own programs read it, and switches the provider on.</summary>
public sealed class OllamaHostTests
{
    [Theory]
    [InlineData("localhost", "http://localhost:11434/")]
    [InlineData("gpu-box", "http://gpu-box:11434/")]
    [InlineData("gpu-box:80", "http://gpu-box/")]
    [InlineData("0.0.0.0", "http://127.0.0.1:11434/")]
    [InlineData("0.0.0.0:8080", "http://127.0.0.1:8080/")]
    [InlineData(":11435", "http://127.0.0.1:11435/")]
    [InlineData("http://gpu:11434", "http://gpu:11434/")]
    [InlineData("http://gpu", "http://gpu/")]
    [InlineData("http://:8080", "http://127.0.0.1:8080/")]
    [InlineData("https://ollama.example/x", "https://ollama.example/x")]
    [InlineData("https://ollama.example:11434/x/", "https://ollama.example:11434/x/")]
    [InlineData("ollama.example/x", "http://ollama.example:11434/x")]
    [InlineData("[::1]:11434", "http://[::1]:11434/")]
    [InlineData("[::1]", "http://[::1]:11434/")]
    [InlineData("::1", "http://[::1]:11434/")]
    [InlineData("[::]:11435", "http://127.0.0.1:11435/")]
    [InlineData("::", "http://127.0.0.1:11434/")]
    [InlineData("\"gpu-box:11436\"", "http://gpu-box:11436/")]
    [InlineData(" 'gpu-box' ", "http://gpu-box:11434/")]
    [InlineData("ftp://gpu", "ftp://gpu")]
    [InlineData("gpu box", "gpu box")]
    public void Host_BecomesAnAddress(string value, string expected) => OllamaHost.ToBaseUrl(value).ShouldBe(expected);

    [Fact]
    public void OllamaHost_SwitchesTheProviderOn()
    {
        var variable = EnvironmentNames.All.Single(name => name.Name == "OLLAMA_HOST");

        var snapshot = ConfigurationTests.Build((variable.Key, variable.Convert!("gpu-box")!));

        snapshot.Providers.Single(provider => provider.Name == "ollama").Client.ShouldNotBeNull();
        snapshot.Models.DefaultModel.ShouldBe("llama3.2");
    }

    [Theory]
    [InlineData("no address at all")]
    [InlineData("ftp://gpu")]
    public void OllamaHostThatIsNoAddress_IsAFault(string value)
    {
        var variable = EnvironmentNames.All.Single(name => name.Name == "OLLAMA_HOST");

        Should.Throw<ConfigurationException>(() => ConfigurationTests.Build((variable.Key, variable.Convert!(value)!))).Message.ShouldContain("OLLAMA_HOST");
    }

    [Fact]
    public void DefaultModel_IsThatOfTheFirstConfiguredProvider()
    {
        (string Key, string Value, string Model)[] order =
        [
            ("gemini:ApiKey", "x", "gemini-2.5-flash"), ("openai:ApiKey", "x", "gpt-4o-mini"), ("anthropic:ApiKey", "x", "claude-sonnet"),
            ("groq:ApiKey", "x", "groq-kimi-primary"), ("openrouter:ApiKey", "x", "openrouter-fallback"), ("ollama:BaseUrl", "http://gpu:11434", "llama3.2"),
        ];
        for (var first = 0; first < order.Length; first++)
        {
            ConfigurationTests.Build([.. order.Skip(first).Select(setting => ($"Gateway:Providers:{setting.Key}", setting.Value))])
                .Models.DefaultModel.ShouldBe(order[first].Model);
        }

        ConfigurationTests.Build().Models.DefaultModel.ShouldBe("offline");
    }
}
