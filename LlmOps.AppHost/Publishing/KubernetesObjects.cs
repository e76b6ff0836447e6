using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Serialization;

namespace LlmOps.AppHost.Publishing;

/// <summary>Objects that Aspire has no type for, or none that the API server takes.</summary>
internal static class KubernetesObjects
{
    private const string Component = "app.kubernetes.io/component";

    /// <summary>Requests and limits.</summary>
    public static ResourceRequirementsV1 Resources(string cpuRequest, string memoryRequest, string cpuLimit, string memoryLimit) => new()
    {
        Requests = { ["cpu"] = cpuRequest, ["memory"] = memoryRequest },
        Limits = { ["cpu"] = cpuLimit, ["memory"] = memoryLimit },
    };

    /// <summary>The claim of a volume for one pod.</summary>
    public static PersistentVolumeClaim Claim(string name, string size) => new()
    {
        Metadata = { Name = name },
        Spec = new() { AccessModes = { "ReadWriteOnce" }, Resources = new() { Requests = { ["storage"] = size } } },
    };

    /// <summary>Lets only some components connect to another's ports. Not every network plug-in enforces it.</summary>
    /// <param name="component">Who is connected to.</param>
    /// <param name="container">Whose ports.</param>
    /// <param name="clients">Who may connect; null for all the world.</param>
    public static BaseKubernetesResource Ingress(string component, ContainerV1 container, string[]? clients)
    {
        var rule = new Dictionary<string, object>
        {
            ["ports"] = container.Ports.Select(port => new Dictionary<string, object> { ["protocol"] = "TCP", ["port"] = port.ContainerPort! }).ToArray(),
        };
        if (clients is not null)
        {
            rule["from"] = clients.Select(client => new Dictionary<string, object> { ["podSelector"] = Selector(client) }).ToArray();
        }

        return new Manifest("networking.k8s.io/v1", "NetworkPolicy", $"{component}-ingress", new()
        {
            ["podSelector"] = Selector(component),
            ["policyTypes"] = (string[])["Ingress"],
            ["ingress"] = (object[])[rule],
        });
    }

    /// <summary>Has the number of replicas follow the load of their processors. Aspire's own type writes empty metrics beside the one that is set.</summary>
    public static BaseKubernetesResource Autoscaler(StatefulSet set, int least, int most) => new Manifest("autoscaling/v2", "HorizontalPodAutoscaler", "gateway", new()
    {
        ["scaleTargetRef"] = new Dictionary<string, object> { ["apiVersion"] = "apps/v1", ["kind"] = "StatefulSet", ["name"] = set.Metadata.Name },
        ["minReplicas"] = least,
        ["maxReplicas"] = Math.Max(least, most),
        ["metrics"] = (object[])
        [
            new Dictionary<string, object>
            {
                ["type"] = "Resource",
                ["resource"] = new Dictionary<string, object> { ["name"] = "cpu", ["target"] = new Dictionary<string, object> { ["type"] = "Utilization", ["averageUtilization"] = 70 } },
            },
        ],
    });

    /// <summary>Has a drained node take one replica at a time.</summary>
    public static BaseKubernetesResource DisruptionBudget(StatefulSet set) => new Manifest("policy/v1", "PodDisruptionBudget", "gateway-disruption", new()
    {
        ["maxUnavailable"] = 1,
        ["selector"] = new Dictionary<string, object> { ["matchLabels"] = set.Spec.Selector.MatchLabels },
    });

    private static Dictionary<string, object> Selector(string component) => new()
    {
        ["matchLabels"] = new Dictionary<string, object> { [Component] = component, ["app.kubernetes.io/instance"] = "{{ .Release.Name }}" },
    };
}

/// <summary>An object as it is.</summary>
internal sealed class Manifest : BaseKubernetesResource
{
    public Manifest(string apiVersion, string kind, string name, Dictionary<string, object> spec)
        : base(apiVersion, kind) => (Metadata.Name, Spec) = (name, spec);

    [YamlMember(Alias = "spec")]
    public Dictionary<string, object> Spec { get; }
}

/// <summary>batch/v1 Job.</summary>
internal sealed class Job() : Workload("batch/v1", "Job")
{
    [YamlMember(Alias = "spec")]
    public JobSpec Spec { get; set; } = new();

    /// <inheritdoc/>
    public override PodTemplateSpecV1 PodTemplate => Spec.Template;
}

/// <summary>What a job does.</summary>
internal sealed class JobSpec
{
    [YamlMember(Alias = "backoffLimit")]
    public int BackoffLimit { get; set; } = 6;

    [YamlMember(Alias = "template")]
    public PodTemplateSpecV1 Template { get; set; } = new();
}
