using System.Net.Http.Headers;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.AppHost.Tests.Orchestrated;

/// <summary>The graph, running.</summary>
internal sealed class RunningGraph : IAsyncDisposable
{
    // Images and models are pulled at the first start.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly DistributedApplication _application;

    private RunningGraph(DistributedApplication application)
    {
        _application = application;
        Model = application.Services.GetRequiredService<DistributedApplicationModel>();
    }

    /// <summary>What it is made of.</summary>
    public DistributedApplicationModel Model { get; }

    /// <summary>Starts it.</summary>
    public static async Task<RunningGraph> StartAsync(params string[] arguments)
    {
        // Any address that is free, so that a graph that runs already is not in the way.
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.LlmOps_AppHost>(arguments);
        SetApart(builder.Resources);
        var graph = new RunningGraph(await builder.BuildAsync());
        await graph._application.StartAsync().WaitAsync(Deadline);
        return graph;
    }

    /// <summary>
    /// Leaves alone what a developer's own graph keeps: containers that outlive it, and the volumes, whose databases have other
    /// passwords than those that are made for this run. Models are shared, for pulling them takes long.
    /// </summary>
    public static void SetApart(IEnumerable<IResource> resources)
    {
        foreach (var annotations in resources.Select(resource => resource.Annotations))
        {
            var kept = annotations.Where(annotation => annotation is ContainerLifetimeAnnotation
                or ContainerMountAnnotation { Type: ContainerMountType.Volume, Source: not ("llmops-tei" or "llmops-ollama") });
            foreach (var annotation in kept.ToList())
            {
                annotations.Remove(annotation);
            }
        }
    }

    /// <summary>Waits until a resource is well.</summary>
    public Task HealthyAsync(string name) => _application.ResourceNotifications.WaitForResourceHealthyAsync(name).WaitAsync(Deadline);

    /// <summary>Waits until a resource has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int?> EndedAsync(string name)
    {
        var ended = await _application.ResourceNotifications.WaitForResourceAsync(name, state => state.Snapshot.ExitCode is not null).WaitAsync(Deadline);
        return ended.Snapshot.ExitCode;
    }

    /// <summary>A client of a resource; the gateway's has the administrator's key.</summary>
    public async Task<HttpClient> ClientAsync(string name)
    {
        var client = _application.CreateHttpClient(name, "http");
        client.Timeout = TimeSpan.FromMinutes(5);
        if (name == "gateway")
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await ParameterAsync("llmops-admin-key"));
        }

        return client;
    }

    /// <summary>The value of a parameter.</summary>
    public async Task<string> ParameterAsync(string name) =>
        (await Model.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == name).GetValueAsync(CancellationToken.None))!;

    /// <summary>Runs a command as the dashboard would.</summary>
    public async Task<ExecuteCommandResult> CommandAsync(string resource, string command, params (string Name, string Value)[] arguments)
    {
        var annotation = Model.Resources.Single(item => item.Name == resource).Annotations.OfType<ResourceCommandAnnotation>().Single(item => item.Name == command);
        foreach (var (name, value) in arguments)
        {
            annotation.Arguments.Single(argument => argument.Name == name).Value = value;
        }

        return await annotation.ExecuteCommand(new ExecuteCommandContext
        {
            Services = _application.Services,
            ResourceName = resource,
            CancellationToken = CancellationToken.None,
            Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            Arguments = new InteractionInputCollection(annotation.Arguments),
        });
    }

    /// <summary>Starts a resource that is started by hand.</summary>
    public Task StartByHandAsync(string name) => _application.ResourceCommands.ExecuteCommandAsync(name, KnownResourceCommands.StartCommand);

    /// <summary>Waits until a condition holds.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (!await condition())
        {
            await Task.Delay(Pause, TimeProvider.System, limit.Token);
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
