using System.Text.RegularExpressions;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

namespace LlmOps.AppHost.Publishing;

/// <summary>Docker Compose, version 2.24 or later.</summary>
internal sealed partial class ComposePublisher : Publisher
{
    private const int DashboardPort = 18888;

    private readonly List<(string Service, string On)> _after = [];
    private readonly IDistributedApplicationBuilder _builder;

    public ComposePublisher(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        builder.AddDockerComposeEnvironment("compose")
            // Aspire.Hosting/ContainerResourceBuilderExtensions.cs
            .WithDashboard(dashboard => dashboard.WithImageTag(Images.DashboardTag).WithHostPort(DashboardPort))
            .ConfigureComposeFile(Finish);
    }

    /// <inheritdoc/>
    public override void Gateway(IResourceBuilder<ProjectResource> gateway)
    {
        MountData(gateway);
        gateway.PublishAsDockerComposeService((_, service) =>
        {
            var replicas = gateway.Resource.GetReplicaCount(); // Aspire.Hosting/ApplicationModel/ResourceExtensions.cs
            service.Restart = "unless-stopped";
            service.ReadOnly = true;
            service.Tmpfs = ["/tmp"];
            service.SecurityOpt = ["no-new-privileges:true"];
            service.CapDrop = ["ALL"];
            service.StopGracePeriod = $"{TerminationGrace}s";
            // The image has no shell and no curl.
            service.Healthcheck = new() { Test = ["CMD", "dotnet", "/app/LlmOps.Gateway.dll", "--health"], Interval = "10s", Timeout = "5s", Retries = 3, StartPeriod = "30s" };
            service.Deploy = new() { Replicas = replicas, Resources = Limits("2.0", "1G", "256M") };
            // Replicas cannot share a port: of a range, each takes the next that is free.
            service.Ports = [replicas == 1 ? $"{Graph.Gateway.Port}:{Graph.Gateway.Port}" : $"{Graph.Gateway.Port}-{Graph.Gateway.Port + replicas - 1}:{Graph.Gateway.Port}"];
        });
    }

    /// <inheritdoc/>
    public override void Service<T>(IResourceBuilder<T> service, Needs needs)
    {
        if (needs.After is not null)
        {
            _after.Add((service.Resource.Name, needs.After.Name));
        }

        service.PublishAsDockerComposeService((_, composed) =>
        {
            composed.Restart = "unless-stopped";
            composed.Healthcheck = new() { Test = needs.Health, Interval = "10s", Timeout = "5s", Retries = 12, StartPeriod = needs.StartPeriod };
            composed.Deploy = new() { Resources = Limits(needs.Cpus, $"{needs.Megabytes}M") };
            composed.Ports = [.. composed.Ports.Select(OfThisMachine)];
        });
    }

    /// <inheritdoc/>
    public override void CreateDatabases(IResourceBuilder<PostgresServerResource> postgres, string[] names) =>
        // Aspire.Hosting/ContainerResourceBuilderExtensions.cs: becomes a config with its content in the file
        postgres.WithContainerFiles("/docker-entrypoint-initdb.d", [new ContainerFile { Name = "databases.sql", Contents = CreateSql(names) }]);

    /// <inheritdoc/>
    public override void Job(IResourceBuilder<ContainerResource> job, IResource after)
    {
        _after.Add((job.Resource.Name, after.Name));
        job.PublishAsDockerComposeService((_, service) => service.Restart = "on-failure");
    }

    private void Finish(ComposeFile file)
    {
        // Aspire says "started", which a database is long before it answers.
        foreach (var (service, on) in _after)
        {
            file.Services[service].DependsOn[on] = new() { Condition = "service_healthy" };
        }

        foreach (var dashboard in file.Services.Where(service => service.Key.EndsWith("-dashboard", StringComparison.Ordinal)))
        {
            dashboard.Value.Ports = [.. dashboard.Value.Ports.Select(OfThisMachine)];
        }

        file.Services["gateway"].Image = "${GATEWAY_IMAGE:?}";
        // The .env file that is published beside stays empty: defaults, and a loud failure where a secret is missing, stand in the file itself.
        var parameters = _builder.Resources.OfType<ParameterResource>().ToDictionary(parameter => parameter.Name.Replace('-', '_').ToUpperInvariant());
        foreach (var environment in file.Services.Values.Select(service => service.Environment))
        {
            foreach (var (key, value) in environment.ToArray())
            {
                environment[key] = Placeholder().Replace(value, match => parameters.TryGetValue(match.Groups[1].Value, out var parameter) ? Placed(match.Groups[1].Value, parameter) : match.Value);
            }
        }
    }

    private static string Placed(string name, ParameterResource parameter) =>
        !parameter.Secret ? $"${{{name}:-{parameter.Default!.GetDefaultValue()}}}"
        : parameter.Default is null && !parameter.IsConnectionString ? $"${{{name}:-}}" // a key that may be missing
        : $"${{{name}:?}}";

    // What has no login, or is for those who run it, is not for the network.
    private static string OfThisMachine(string port) => port.Contains(':', StringComparison.Ordinal) ? $"127.0.0.1:{port}" : $"127.0.0.1:{port}:{port}";

    private static Resources Limits(string cpus, string memory, string reserved = "128M") =>
        new() { Limits = new() { Cpus = cpus, Memory = memory }, Reservations = new() { Memory = reserved } };

    [GeneratedRegex(@"\$\{([A-Z0-9_]+)\}")]
    private static partial Regex Placeholder();
}
