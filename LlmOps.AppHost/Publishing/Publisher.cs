// Every call of Aspire in this folder is one of 13.5.2; those that its documentation does not show name the file of its source.
using LlmOps.AppHost.Graph;

namespace LlmOps.AppHost.Publishing;

/// <summary>Gives published forms what Aspire does not write by itself. In run mode it does nothing.</summary>
internal class Publisher
{
    /// <summary>The name of the volume with the gateway's data.</summary>
    public const string DataVolume = "llmops-gateway";

    /// <summary>How long a gateway may take to end, in seconds: longer than the 10 in which it still takes new requests (Gateway:Endpoints:DrainDelay), and the 30 in which it finishes what is under way (DrainTimeout).</summary>
    public const int TerminationGrace = 60;

    /// <summary>The most gateways where their number follows the load.</summary>
    public const int MaxReplicas = 10;

    /// <summary>The publisher of a graph.</summary>
    public static Publisher Create(IDistributedApplicationBuilder builder, GraphOptions options) =>
        !builder.ExecutionContext.IsPublishMode ? new Publisher() : options.Target switch
        {
            PublishTarget.Compose => new ComposePublisher(builder),
            PublishTarget.Kubernetes => new KubernetesPublisher(builder),
            _ => new AzurePublisher(builder),
        };

    /// <summary>Shapes the gateway.</summary>
    public virtual void Gateway(IResourceBuilder<ProjectResource> gateway)
    {
    }

    /// <summary>Shapes a service.</summary>
    public virtual void Service<T>(IResourceBuilder<T> service, Needs needs)
        where T : ContainerResource
    {
    }

    /// <summary>Has PostgreSQL make databases, which Aspire itself does in run mode alone; on an empty volume only.</summary>
    public virtual void CreateDatabases(IResourceBuilder<PostgresServerResource> postgres, string[] names)
    {
    }

    /// <summary>Shapes a container that runs once and ends.</summary>
    public virtual void Job(IResourceBuilder<ContainerResource> job, IResource after)
    {
    }

    /// <summary>Says what makes the databases.</summary>
    protected static string CreateSql(string[] names) => string.Concat(names.Select(name => $"CREATE DATABASE \"{name}\";\n"));

    /// <summary>Tells the gateway what it is told in published forms alone.</summary>
    protected static IResourceBuilder<ProjectResource> Tell(IResourceBuilder<ProjectResource> gateway) => gateway
        .WithEnvironment(GatewayEnvironment.DataFolder, GatewayEnvironment.PublishedDataFolder)
        .WithEnvironment(GatewayEnvironment.DrainDelay, GatewayEnvironment.PublishedDrainDelay);

    /// <summary>Puts the gateway's data folder on a volume.</summary>
    protected static void MountData(IResourceBuilder<ProjectResource> gateway) => Tell(gateway)
        // Aspire.Hosting/ApplicationModel/ContainerMountAnnotation.cs: WithVolume is for containers alone, publishers read this of projects too
        .WithAnnotation(new ContainerMountAnnotation(DataVolume, GatewayEnvironment.PublishedVolume, ContainerMountType.Volume, isReadOnly: false));
}
