using System.Text;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests;

/// <summary>The gateway as it runs, on a socket of its own, with a data folder that goes away with it.</summary>
internal sealed class GatewayApplication : WebApplicationFactory<Program>
{
    /// <summary>The key that administers it.</summary>
    public const string AdministratorKey = "sk-test-administrator";

    /// <summary>The key the gateway calls the fake provider with.</summary>
    public const string ProviderKey = "sk-test-provider-key-0123456789";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    private readonly Dictionary<string, string> _settings = new()
    {
        ["Gateway:Access:AdministratorKey"] = AdministratorKey,
        ["Gateway:Providers:offline:WordDelay"] = "0s",
        ["Gateway:Endpoints:DrainTimeout"] = "1s",
        ["Gateway:DetectOllama"] = "false",

        // One failure is one failure, but where routing is tested.
        ["Gateway:Routing:MaxAttempts"] = "1",
        ["Gateway:Routing:KeyCooldown"] = "0s",
        ["Gateway:Routing:Breaker:MinimumCalls"] = "1000000",

        // An address may send wrong credentials as often as a test likes, but where that is tested.
        ["Gateway:Access:AddressLimits:RequestsPerMinute"] = "1000000",

        ["urls"] = "http://127.0.0.1:0",
    };

    private Action<IServiceCollection> _services = _ => { };
    private HttpClient? _http;

    /// <summary>What the gateway logged.</summary>
    public CollectedLogs Logs { get; } = new();

    /// <summary>Its address.</summary>
    public Uri Address => Http.BaseAddress!;

    /// <summary>A client for it; starts it on first use. It waits as long as a test may take.</summary>
    public HttpClient Http
    {
        get
        {
            if (_http is null)
            {
                UseKestrel();
                StartServer();
                var address = Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
                _http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
            }

            return _http;
        }
    }

    /// <summary>Sets a configuration key; before the first use of <see cref="Http"/>.</summary>
    public GatewayApplication With(string key, string value)
    {
        _settings[key] = value;
        return this;
    }

    /// <summary>Changes what it is made of; before the first use of <see cref="Http"/>.</summary>
    public GatewayApplication WithServices(Action<IServiceCollection> change)
    {
        _services += change;
        return this;
    }

    /// <summary>Points the known provider openai at a fake.</summary>
    public GatewayApplication WithOpenAI(FakeServer fake) =>
        With("Gateway:Providers:openai:BaseUrl", new Uri(fake.BaseAddress, "v1").ToString())
            .With("Gateway:Providers:openai:ApiKey", ProviderKey);

    /// <summary>Sends JSON.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string json, bool stream = false, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        return await Http.SendAsync(request, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Sends a chat completion.</summary>
    public Task<HttpResponseMessage> CompleteAsync(string json, bool stream = false, CancellationToken cancellationToken = default) =>
        PostAsync("/v1/chat/completions", json, stream, cancellationToken);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Gateway:Data:Folder", _folder);
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(services => _services(services));
        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Logs));
    }

    public override async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await base.DisposeAsync();
        if (_settings.TryGetValue("Gateway:Data:Folder", out var shared) && Directory.Exists(shared))
        {
            // A process that another test is starting may have its lock for a moment more, and the next gateway of this folder would be refused.
            await Conditions.HoldsAsync(() =>
            {
                using var free = FolderLock.TryTake(shared);
                return Task.FromResult(free is not null);
            });
        }

        Directory.Delete(_folder, recursive: true);
    }
}
