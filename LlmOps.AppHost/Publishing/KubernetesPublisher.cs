using Aspire.Hosting.Kubernetes.Resources;

namespace LlmOps.AppHost.Publishing;

/// <summary>A Helm chart.</summary>
internal sealed class KubernetesPublisher : Publisher
{
    private readonly IDistributedApplicationBuilder _builder;

    public KubernetesPublisher(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        builder.AddKubernetesEnvironment("k8s")
            // Aspire.Hosting.Kubernetes/KubernetesEnvironmentResource.cs: without them a volume ends with its pod
            .WithProperties(environment =>
            {
                environment.DefaultStorageType = "pvc";
                environment.DefaultStorageSize = "10Gi";
            })
            // Aspire.Hosting.Kubernetes/KubernetesEnvironmentExtensions.cs: it has no login there, and would be all the cluster's
            .WithDashboard(enabled: false)
            // Aspire.Hosting.Kubernetes/HelmChartOptions.cs
            .WithHelm(helm => helm.WithChartName("llmops").WithNamespace("llmops").WithReleaseName("llmops"));
    }

    /// <inheritdoc/>
    public override void Gateway(IResourceBuilder<ProjectResource> gateway) => Tell(gateway).PublishAsKubernetesService(kubernetes =>
    {
        KubernetesSecrets.Settle(kubernetes, _builder);
        KubernetesGateway.Shape(kubernetes, gateway.Resource);
    });

    /// <inheritdoc/>
    public override void Service<T>(IResourceBuilder<T> service, Needs needs) => service.PublishAsKubernetesService(kubernetes =>
    {
        KubernetesSecrets.Settle(kubernetes, _builder);
        var pod = kubernetes.Workload!.PodTemplate.Spec;
        if (needs.Group is { } group)
        {
            pod.SecurityContext = new() { FsGroup = group }; // a new volume is root's
        }

        var container = pod.Containers[0];
        // Half of the memory is there for sure. Processors are shared, and who waits for one is only slower.
        container.Resources = KubernetesObjects.Resources("100m", $"{needs.Megabytes / 2}Mi", needs.Cpus, $"{needs.Megabytes}Mi");
        container.ReadinessProbe = ProbeOf(needs, container);
        if (kubernetes.Workload is StatefulSet set)
        {
            set.Spec.ServiceName = kubernetes.Service!.Metadata.Name; // demanded, and left out by Aspire
        }
        else if (kubernetes.Workload is Deployment deployment && container.VolumeMounts.Count > 0)
        {
            // A volume is one pod's: the old one ends before the new one starts.
            deployment.Spec.Strategy = new() { Type = "Recreate", RollingUpdate = null! };
        }

        kubernetes.AdditionalResources.Add(KubernetesObjects.Ingress(service.Resource.Name, container, needs.Clients));
    });

    /// <inheritdoc/>
    public override void CreateDatabases(IResourceBuilder<PostgresServerResource> postgres, string[] names) => postgres.PublishAsKubernetesService(kubernetes =>
    {
        var scripts = new ConfigMap { Metadata = { Name = "postgres-init" } };
        scripts.Data["databases.sql"] = CreateSql(names);
        kubernetes.AdditionalResources.Add(scripts);
        var pod = kubernetes.Workload!.PodTemplate.Spec;
        pod.Volumes.Add(new() { Name = "init", ConfigMap = new() { Name = scripts.Metadata.Name } });
        pod.Containers[0].VolumeMounts.Add(new() { Name = "init", MountPath = "/docker-entrypoint-initdb.d" });
        // The root of a new volume may have lost+found in it, and initdb wants an empty folder.
        kubernetes.ConfigMap!.Data["PGDATA"] = "/var/lib/postgresql/data/pgdata";
    });

    /// <inheritdoc/>
    public override void Job(IResourceBuilder<ContainerResource> job, IResource after) => job.PublishAsKubernetesService(kubernetes =>
    {
        var batch = new Job { Metadata = { Name = job.Resource.Name }, Spec = { Template = kubernetes.Workload!.PodTemplate } };
        foreach (var (name, value) in kubernetes.Workload.Metadata.Labels)
        {
            batch.Metadata.Labels[name] = value;
        }

        // A hook, for a job cannot be changed by an upgrade.
        batch.Metadata.Annotations["helm.sh/hook"] = "post-install,post-upgrade";
        batch.Metadata.Annotations["helm.sh/hook-delete-policy"] = "before-hook-creation,hook-succeeded";
        batch.Spec.Template.Spec.RestartPolicy = "OnFailure";
        batch.Spec.Template.Spec.Containers[0].Resources = KubernetesObjects.Resources("100m", "256Mi", "1", "512Mi");
        kubernetes.Workload = batch;
    });

    private static ProbeV1 ProbeOf(Needs needs, ContainerV1 container)
    {
        var probe = new ProbeV1 { PeriodSeconds = 10, TimeoutSeconds = 5, FailureThreshold = 30 };
        if (needs.HealthPath is { } path)
        {
            probe.HttpGet = new() { Path = path, Port = container.Ports[0].ContainerPort!, Scheme = "HTTP" };
            return probe;
        }

        probe.Exec = new();
        probe.Exec.Command.AddRange(needs.Health[0] == "CMD-SHELL" ? ["/bin/sh", "-c", needs.Health[1].Replace("$$", "$", StringComparison.Ordinal)] : needs.Health.Skip(1));
        return probe;
    }
}
