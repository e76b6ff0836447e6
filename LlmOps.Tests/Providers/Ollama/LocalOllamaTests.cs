using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.Ollama;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Configuration;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>A local Ollama server is found at start, without a setting.</summary>
public sealed class LocalOllamaTests : IAsyncLifetime
{
    private readonly FakeServer _fake = new(FakeOllama.Handler(FakeAnswer.Text("Hi")));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fake.DisposeAsync();

    [Fact]
    public async Task ServerThatRuns_IsFoundByOneQuestion()
    {
        // Its clock stands still: on a busy machine the answer may take long.
        var local = new LocalOllama(_fake.BaseAddress, new ManualTime());

        local.IsThere.ShouldBeTrue();
        local.IsThere.ShouldBeTrue();
        _fake.Requests.Count.ShouldBe(1);
        (await _fake.NextRequestAsync()).Path.ShouldBe("/api/version");
    }

    [Fact]
    public async Task NoServer_IsNotFound()
    {
        await _fake.DisposeAsync();

        new LocalOllama(_fake.BaseAddress, TimeProvider.System).IsThere.ShouldBeFalse();
    }

    [Theory]
    [InlineData("silence")]
    [InlineData("reset")]
    [InlineData("another program")]
    [InlineData("redirect")]
    [InlineData("no HTTP")]
    public void ServerThatDoesNotAnswerAsOllama_IsNotFound(string reply)
    {
        _fake.Handler = _ => reply switch
        {
            "silence" => FakeReply.Silence(),
            "reset" => FakeReply.Reset(),
            "redirect" => FakeReply.Text(302, "text/plain", "", ("Location", _fake.BaseAddress.ToString())),
            "no HTTP" => FakeReply.RawBytes("SSH-2.0-x\r\n"u8.ToArray()),
            _ => FakeReply.Text(404, "text/html", "<html></html>"),
        };

        new LocalOllama(_fake.BaseAddress, TimeProvider.System).IsThere.ShouldBeFalse();
    }

    [Theory]
    [InlineData("true", "llama3.2")]
    [InlineData("false", "offline")]
    public void FoundServer_IsUsedUnlessSwitchedOff(string detect, string defaultModel) =>
        Build(("Gateway:DetectOllama", detect)).Models.DefaultModel.ShouldBe(defaultModel);

    [Fact]
    public void FoundServer_DoesNotComeBeforeAProviderWithAKey() =>
        Build(("Gateway:Providers:openrouter:ApiKey", "x")).Models.DefaultModel.ShouldBe("openrouter-fallback");

    [Fact]
    public void SwitchedOff_NobodyIsAsked()
    {
        Build(("Gateway:DetectOllama", "false"));

        _fake.AcceptedConnections.ShouldBe(0);
    }

    [Fact]
    public async Task WithoutAServer_ItIsSaidWhatIsMissing()
    {
        await _fake.DisposeAsync();

        Build().Providers.Single(provider => provider.Name == "ollama").Missing!.ShouldContain("OLLAMA_HOST");
    }

    private GatewaySnapshot Build(params (string Key, string Value)[] settings) => GatewaySnapshot.Build(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build(),
        new ProviderFactory(new ProviderTransport(TimeProvider.System), new LocalOllama(_fake.BaseAddress, new ManualTime()), TimeProvider.System),
        FakeRequests.States());
}
