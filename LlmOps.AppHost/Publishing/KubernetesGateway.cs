using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace LlmOps.AppHost.Publishing;

/// <summary>
/// The gateway on Kubernetes: a StatefulSet, so that each replica has a volume of its own, which is there again when the replica
/// is. What a gateway has not handed over yet lies on it, and a pod that is moved goes on with it.
/// </summary>
internal static class KubernetesGateway
{
    // The user of the SDK's images.
    private const int User = 1654;
    private const string Data = "data";
    private const string Temporary = "tmp";

    /// <summary>Turns what Aspire has made of the gateway into that.</summary>
    public static void Shape(KubernetesResource kubernetes, ProjectResource gateway)
    {
        var deployment = (Deployment)kubernetes.Workload!;
        var pod = deployment.Spec.Template.Spec;
        Secure(pod);
        Probe(pod.Containers[0]);
        pod.Containers[0].Resources = KubernetesObjects.Resources("250m", "512Mi", "2", "1Gi");
        pod.TerminationGracePeriodSeconds = Publisher.TerminationGrace;

        var replicas = gateway.GetReplicaCount(); // Aspire.Hosting/ApplicationModel/ResourceExtensions.cs
        var set = new StatefulSet
        {
            Metadata = { Name = "gateway-statefulset", Labels = deployment.Metadata.Labels },
            Spec =
            {
                ServiceName = kubernetes.Service!.Metadata.Name,
                Selector = deployment.Spec.Selector,
                Template = deployment.Spec.Template,
                // They have no order among themselves.
                PodManagementPolicy = "Parallel",
                Replicas = replicas == 1 ? 1 : null, // the autoscaler's, or each upgrade would set it back
            },
        };
        set.Spec.VolumeClaimTemplates.Add(KubernetesObjects.Claim(Data, "5Gi"));
        kubernetes.Workload = set;
        kubernetes.AdditionalResources.Add(KubernetesObjects.Ingress(gateway.Name, pod.Containers[0], clients: null));
        if (replicas > 1)
        {
            kubernetes.AdditionalResources.Add(KubernetesObjects.Autoscaler(set, replicas, Publisher.MaxReplicas));
            kubernetes.AdditionalResources.Add(KubernetesObjects.DisruptionBudget(set));
        }
    }

    private static void Secure(PodSpecV1 pod)
    {
        var container = pod.Containers[0];
        pod.SecurityContext = new() { RunAsNonRoot = true, RunAsUser = User, FsGroup = User, SeccompProfile = new() { Type = "RuntimeDefault" } };
        container.SecurityContext = new() { ReadOnlyRootFilesystem = true, AllowPrivilegeEscalation = false, Capabilities = new() { Drop = { "ALL" } } };
        pod.Volumes.Add(new() { Name = Temporary, EmptyDir = new() });
        container.VolumeMounts.Add(new() { Name = Temporary, MountPath = "/tmp" });
        container.VolumeMounts.Add(new() { Name = Data, MountPath = GatewayEnvironment.PublishedVolume });
    }

    private static void Probe(ContainerV1 container)
    {
        container.StartupProbe = Of("/alive", container, period: 2, failures: 30);
        container.LivenessProbe = Of("/alive", container, period: 10, failures: 3);
        // From SIGTERM on it says no, while what is under way is served to its end.
        container.ReadinessProbe = Of("/health/ready", container, period: 5, failures: 2);
    }

    private static ProbeV1 Of(string path, ContainerV1 container, int period, int failures) => new()
    {
        HttpGet = new() { Path = path, Port = container.Ports[0].ContainerPort!, Scheme = "HTTP" },
        PeriodSeconds = period,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };
}
