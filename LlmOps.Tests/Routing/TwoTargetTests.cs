using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Routing;

/// <summary>
/// Tests of a gateway with two providers, of which the first fails and the second is well: the model <c>chain</c> has both,
/// <c>alone</c> the first.
/// </summary>
public abstract class TwoTargetTests : IAsyncLifetime
{
    protected TwoTargetTests()
    {
        First.Handler = _ => FakeOpenAI.Error(500, "down");
        Second.Handler = FakeOpenAI.Handler(_ => Answer, "sk-second");
        Gateway
            .With("Gateway:Routing:MaxAttempts", "6")
            .With("Gateway:Routing:TriesPerTarget", "1")
            .With("Gateway:Routing:Backoff", "1ms")
            .With("Gateway:Routing:KeyCooldown", "1h");
        Provider("first", "openai", new Uri(First.BaseAddress, "v1"), "sk-first");
        Provider("second", "openai", new Uri(Second.BaseAddress, "v1"), "sk-second");
        FirstModel("gpt-4o");
        Target("chain", 1, "second", "gpt-4o-mini");
    }

    /// <summary>What a provider that is well answers.</summary>
    private protected static FakeAnswer Answer { get; } = FakeAnswer.Text("Hel", "lo");

    private protected FakeServer First { get; } = new();

    private protected FakeServer Second { get; } = new();

    private protected GatewayApplication Gateway { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }

    private protected static string Request(bool streaming, string model = "chain") =>
        $$"""{"model":"{{model}}","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""";

    private protected static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private protected static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString();

    /// <summary>Sets up a provider.</summary>
    private protected void Provider(string name, string type, Uri address, string key) => Gateway
        .With($"Gateway:Providers:{name}:Type", type)
        .With($"Gateway:Providers:{name}:BaseUrl", address.ToString())
        .With($"Gateway:Providers:{name}:ApiKey", key);

    /// <summary>Sets the first provider's name for both models.</summary>
    private protected void FirstModel(string model)
    {
        Target("chain", 0, "first", model);
        Target("alone", 0, "first", model);
    }

    /// <summary>The first provider has this protocol, and that address.</summary>
    private protected void FirstIs(TestedProvider provider, Uri address)
    {
        Provider("first", provider.Name, new Uri(address, provider.BasePath), GatewayApplication.ProviderKey);
        FirstModel(provider.Model.Split('/')[^1]);
    }

    /// <summary>Calls that are on their way to any target.</summary>
    private protected int CallsInFlight => Gateway.Services.GetRequiredService<GatewayConfiguration>().Current.Models.Live
        .SelectMany(model => model.Route.Targets).Select(target => target.State).Distinct().Sum(state => state.InFlight);

    /// <summary>Asks the model with both targets.</summary>
    private protected async Task<HttpResponseMessage> AskAsync(bool streaming, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Request(streaming), Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Gateway.Http.SendAsync(request, streaming ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
    }

    private void Target(string model, int number, string provider, string name) => Gateway
        .With($"Gateway:Models:{model}:Targets:{number}:Provider", provider)
        .With($"Gateway:Models:{model}:Targets:{number}:Model", name);
}
