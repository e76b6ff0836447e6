using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.AppHost.Tests;

/// <summary>The graph of LlmOps.AppHost, built and not started: its Main would also run it.</summary>
internal sealed class TestGraph : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly string[] Secrets =
    [
        "llmops-admin-key", "redis-password", "postgres-password", "qdrant-key", "gemini-api-key",
        "langfuse-public-key", "langfuse-secret-key", "langfuse-nextauth-secret", "langfuse-salt", "langfuse-user-password",
    ];

    private readonly DistributedApplication _application;

    private TestGraph(DistributedApplication application)
    {
        _application = application;
        Model = application.Services.GetRequiredService<DistributedApplicationModel>();
    }

    /// <summary>Begins the value of every secret; nothing published may have it in it.</summary>
    public const string Sentinel = "SENTINEL";

    /// <summary>What it is made of.</summary>
    public DistributedApplicationModel Model { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>The names of all that would run, in order.</summary>
    public string[] Running => [.. Model.Resources.Where(resource => resource is ContainerResource or ProjectResource).Select(resource => resource.Name).Order(StringComparer.Ordinal)];

    /// <summary>A resource by its name.</summary>
    public IResource this[string name] => Model.Resources.Single(resource => resource.Name == name);

    /// <summary>Builds it as it is run with these arguments.</summary>
    public static TestGraph Run(params string[] arguments)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(GatewayEnvironment).Assembly.GetName().Name,
            Args = [.. Secrets.Select(secret => $"--Parameters:{secret}={Sentinel}-{secret}"), .. arguments],
            DisableDashboard = true,
        });
        builder.AddLlmOps();
        return new(builder.Build());
    }

    /// <summary>Builds it for a target, to be published to a folder.</summary>
    public static TestGraph Publish(string target, string folder, params string[] arguments) =>
        // Aspire keeps what was set in one publication for the next one, connection strings included.
        Run(["--operation", "publish", "--step", "publish", "--clear-cache", "true", "--output-path", folder, "--LlmOps:Target", target, .. arguments]);

    /// <summary>Publishes it.</summary>
    public Task WriteAsync() => _application.RunAsync().WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>What a resource is told by its environment.</summary>
    public async Task<Dictionary<string, string>> EnvironmentOf(string name)
    {
        var context = Services.GetRequiredService<DistributedApplicationExecutionContext>();
        if (context.IsRunMode)
        {
            Allocate();
        }

        var configuration = await ExecutionConfigurationBuilder.Create(this[name]).WithEnvironmentVariablesConfig()
            .BuildAsync(context, NullLogger.Instance, CancellationToken.None).WaitAsync(Deadline);
        configuration.Exception.ShouldBeNull();
        return configuration.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => variable.Value);
    }

    /// <summary>The arguments that a resource is started with.</summary>
    public async Task<string[]> ArgumentsOf(string name)
    {
        Allocate();
        var configuration = await ExecutionConfigurationBuilder.Create(this[name]).WithArgumentsConfig()
            .BuildAsync(Services.GetRequiredService<DistributedApplicationExecutionContext>(), NullLogger.Instance, CancellationToken.None).WaitAsync(Deadline);
        configuration.Exception.ShouldBeNull();
        return [.. configuration.Arguments.Select(argument => argument.Value)];
    }

    /// <summary>What a resource waits for, and how.</summary>
    public string[] WaitsOf(string name) =>
        [.. this[name].Annotations.OfType<WaitAnnotation>().Select(wait => $"{wait.Resource.Name}: {wait.WaitType}").Order(StringComparer.Ordinal)];

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    // Nothing orchestrates: every endpoint is taken to be where it listens, for processes on this machine and for containers.
    private void Allocate()
    {
        foreach (var (resource, endpoint) in Model.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource, endpoint))))
        {
            var port = endpoint.TargetPort ?? endpoint.Port ?? 5000;
            endpoint.AllocatedEndpoint ??= new AllocatedEndpoint(endpoint, "localhost", port, targetPortExpression: $"{port}");
            endpoint.AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(
                KnownNetworkIdentifiers.DefaultAspireContainerNetwork,
                new AllocatedEndpoint(endpoint, resource.Name, port, EndpointBindingMode.SingleAddress, $"{port}", KnownNetworkIdentifiers.DefaultAspireContainerNetwork));
        }
    }
}
