using Azure.Provisioning.AppContainers;

namespace LlmOps.AppHost.Publishing;

/// <summary>Azure Container Apps: the gateway there, Redis and PostgreSQL as Azure's services; other parts are elsewhere, or none.</summary>
internal sealed class AzurePublisher : Publisher
{
    // Aspire.Hosting.Azure.AppContainers/AzureContainerAppExtensions.cs
    public AzurePublisher(IDistributedApplicationBuilder builder) => builder.AddAzureContainerAppEnvironment("aca");

    /// <inheritdoc/>
    public override void Gateway(IResourceBuilder<ProjectResource> gateway)
    {
        MountData(gateway);
        // Aspire.Hosting.Azure.AppContainers/AzureContainerAppProjectExtensions.cs
        gateway.PublishAsAzureContainerApp((_, app) =>
        {
            var template = app.Template;
            template.TerminationGracePeriodSeconds = TerminationGrace;
            // The share's files are those of the image's user, or it could not set their mode.
            template.Volumes[0].Value!.MountOptions = "uid=1654,gid=1654,dir_mode=0700,file_mode=0600";

            var container = template.Containers[0].Value!;
            container.Resources = new() { Cpu = 1.0, Memory = "2Gi" };
            container.Probes =
            [
                Probe(ContainerAppProbeType.Startup, "/alive", period: 6, failures: 10),
                Probe(ContainerAppProbeType.Liveness, "/alive", period: 10, failures: 3),
                Probe(ContainerAppProbeType.Readiness, "/health/ready", period: 5, failures: 2),
            ];

            var replicas = gateway.Resource.GetReplicaCount(); // Aspire.Hosting/ApplicationModel/ResourceExtensions.cs
            template.Scale.MinReplicas = replicas;
            template.Scale.MaxReplicas = replicas == 1 ? 1 : Math.Max(replicas, MaxReplicas);
            template.Scale.Rules = [new ContainerAppScaleRule { Name = "requests", Http = new() { Metadata = { { "concurrentRequests", "100" } } } }];
        });
    }

    private static ContainerAppProbe Probe(ContainerAppProbeType type, string path, int period, int failures) => new()
    {
        ProbeType = type,
        HttpGet = new() { Path = path, Port = Graph.Gateway.Port, Scheme = ContainerAppHttpScheme.Http },
        PeriodSeconds = period,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };
}
