using System.Security.Cryptography;
using LlmOps.Gateway;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmOps.Evaluator.Answers;

/// <summary>
/// A gateway in the evaluator's own process, for where none runs: with the working directory's settings, prompts and keys, but with
/// a data folder that goes away with it, no guardrails (a prompt is measured, not a policy), and nothing that others could see.
/// </summary>
internal sealed class OwnGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _data;

    private OwnGateway(WebApplication app, DirectoryInfo data, Uri address, string key) => (_app, _data, Address, Key) = (app, data, address, key);

    /// <summary>Where it listens: on this machine only.</summary>
    public Uri Address { get; }

    /// <summary>The key that it takes, and nobody else knows.</summary>
    public string Key { get; }

    /// <summary>Starts it.</summary>
    /// <param name="settings">Settings in the form of a command line, which win over the working directory's.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="BadInputException">The settings are not valid.</exception>
    public static async Task<OwnGateway> StartAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("llmops-evaluator-");
        var key = $"sk-evaluator-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        WebApplication? app = null;
        try
        {
            app = GatewayHost.Build([.. settings, .. Own(data, key)], Quieten);
            await app.StartAsync(cancellationToken);
            var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
            return new OwnGateway(app, data, new Uri(address), key);
        }
        catch (Exception exception)
        {
            await EndAsync(app, data);
            throw exception is ConfigurationException or InvalidDataException ? new BadInputException(exception.Message == exception.GetBaseException().Message ? exception.Message : $"{exception.Message} {exception.GetBaseException().Message}") : exception;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await EndAsync(_app, _data);
    }

    private static async Task EndAsync(WebApplication? app, DirectoryInfo data)
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        try
        {
            data.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A file of it is still open, which Windows minds. It is a temporary one.
        }
    }

    private static string[] Own(DirectoryInfo data, string key) =>
    [
        "--urls=http://127.0.0.1:0",
        $"--Gateway:Data:Folder={data.FullName}",
        "--Gateway:Access:Mode=Required",
        $"--Gateway:Access:AdministratorKey={key}",
        "--Gateway:Endpoints:DrainTimeout=1s",
        "--Gateway:Providers:offline:WordDelay=0s",

        // Empty is not configured: a shared state, and who is told of traffic, are of the gateway that serves it.
        "--Gateway:Storage:ConnectionString=",
        "--ConnectionStrings:llmops=",
        "--Gateway:Redis:ConnectionString=",
        "--ConnectionStrings:redis=",
        "--ConnectionStrings:qdrant=",
        "--Gateway:Caching:Enabled=false",
        "--Gateway:Caching:Semantic:Mode=Off",
        "--Gateway:Telemetry:Traces:Enabled=false",
        "--Gateway:Telemetry:Langfuse:PublicKey=",
        "--Gateway:Telemetry:Langfuse:SecretKey=",
        "--Gateway:Telemetry:MLflow:TrackingUri=",
        "--Gateway:Telemetry:Kafka:Enabled=false",
        "--Gateway:Telemetry:OnlineJudge:Share=0",
        "--OTEL_EXPORTER_OTLP_ENDPOINT=",

        "--Gateway:Guardrails:Length=Off",
        "--Gateway:Guardrails:PromptInjection=Off",
        "--Gateway:Guardrails:PersonalData=Off",
        "--Gateway:Guardrails:Secrets=Off",
        "--Gateway:Guardrails:BlockedWords=Off",
        "--Gateway:Guardrails:Schema=Off",
        "--Gateway:Guardrails:Judge=Off",
    ];

    // What it has to say of itself would stand between the evaluator's lines.
    private static void Quieten(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();

        // Ctrl-C is for the evaluator, which lets end what is on its way.
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        foreach (var block in builder.Services.Where(service => service.ImplementationType == typeof(StartupBlock)).ToList())
        {
            builder.Services.Remove(block);
        }
    }

    // It ends when whoever has started it says so.
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
