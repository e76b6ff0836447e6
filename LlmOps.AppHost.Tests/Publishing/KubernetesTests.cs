using k8s;
using k8s.Models;

namespace LlmOps.AppHost.Tests.Publishing;

public sealed class KubernetesTests
{
    private const string Gateway = "templates/gateway/statefulset.yaml";

    [Theory]
    [InlineData("full")]
    [InlineData("minimal")]
    [InlineData("embedded")]
    public async Task EveryTemplate_IsAnObjectOfKubernetes(string profile)
    {
        using var published = await PublishedGraph.Of("kubernetes", "--LlmOps:Profile", profile, "--LlmOps:Kafka", "true");

        foreach (var (file, text) in published.Files.Where(file => file.Key.StartsWith("templates/", StringComparison.Ordinal)))
        {
            // A field that Kubernetes does not know, or one of another type, is an exception.
            var read = KubernetesYaml.LoadAllFromString(text.Replace("{{ .", "{{.", StringComparison.Ordinal), strict: true);
            read.ShouldHaveSingleItem(file).ShouldBeAssignableTo<IKubernetesObject<V1ObjectMeta>>()!.Metadata.Name.ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task Gateway_IsASetWithAVolumeForEach()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var set = Read<V1StatefulSet>(published, Gateway);
        set.Spec.VolumeClaimTemplates.ShouldHaveSingleItem().Spec.AccessModes.ShouldBe(["ReadWriteOnce"]);
        set.Spec.VolumeClaimTemplates[0].Spec.Resources.Requests["storage"].ToString().ShouldBe("5Gi");
        set.Spec.ServiceName.ShouldBe("gateway-service");
        set.Spec.Replicas.ShouldBeNull(); // the autoscaler's
        set.Spec.Template.Spec.TerminationGracePeriodSeconds.ShouldBe(60);
        set.Spec.Template.Spec.Containers[0].VolumeMounts.ShouldContain(mount => mount.Name == "data" && mount.MountPath == GatewayEnvironment.PublishedVolume);
    }

    [Fact]
    public async Task Gateway_IsConfined()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var pod = Read<V1StatefulSet>(published, Gateway).Spec.Template.Spec;
        pod.SecurityContext.RunAsNonRoot.ShouldBe(true);
        pod.SecurityContext.FsGroup.ShouldBe(pod.SecurityContext.RunAsUser);
        var container = pod.Containers[0];
        container.SecurityContext.ReadOnlyRootFilesystem.ShouldBe(true);
        container.SecurityContext.AllowPrivilegeEscalation.ShouldBe(false);
        container.SecurityContext.Capabilities.Drop.ShouldBe(["ALL"]);
        container.Resources.Requests.Keys.ShouldBe(["cpu", "memory"], ignoreOrder: true);
        container.Resources.Limits.Keys.ShouldBe(["cpu", "memory"], ignoreOrder: true);
    }

    [Fact]
    public async Task Gateway_IsProbed()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var container = Read<V1StatefulSet>(published, Gateway).Spec.Template.Spec.Containers[0];
        (container.StartupProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path).ShouldBe(("/alive", "/alive", "/health/ready"));
        container.LivenessProbe.HttpGet.Scheme.ShouldBe("HTTP");
    }

    [Fact]
    public async Task SeveralGateways_FollowTheLoad()
    {
        using var published = await PublishedGraph.Of("kubernetes", "--LlmOps:Replicas", "3");

        var scaler = Read<V2HorizontalPodAutoscaler>(published, "templates/gateway/gateway.yaml").Spec;
        (scaler.MinReplicas, scaler.MaxReplicas, scaler.ScaleTargetRef.Kind, scaler.ScaleTargetRef.Name).ShouldBe((3, 10, "StatefulSet", "gateway-statefulset"));
        Read<V1PodDisruptionBudget>(published, "templates/gateway/disruption.yaml").Spec.MaxUnavailable.Value.ShouldBe("1");
    }

    [Fact]
    public async Task OneGateway_IsNotScaled()
    {
        using var published = await PublishedGraph.Of("kubernetes", "--LlmOps:Profile", "minimal");

        Read<V1StatefulSet>(published, Gateway).Spec.Replicas.ShouldBe(1);
        published.Files.Values.ShouldAllBe(text => !text.Contains("HorizontalPodAutoscaler", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("redis", "gateway")]
    [InlineData("postgres", "gateway langfuse mlflow")]
    [InlineData("qdrant", "gateway")]
    [InlineData("tei", "gateway")]
    [InlineData("mlflow", "gateway")]
    [InlineData("ollama", "gateway ollama-pull")]
    [InlineData("gateway", "")]
    [InlineData("langfuse", "")]
    public async Task NetworkPolicy_LetsInOnlyWhoNeedsIt(string component, string clients)
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var policy = Read<V1NetworkPolicy>(published, $"templates/{component}/ingress.yaml").Spec;
        policy.PodSelector.MatchLabels["app.kubernetes.io/component"].ShouldBe(component);
        var rule = policy.Ingress.ShouldHaveSingleItem();
        rule.Ports.ShouldNotBeEmpty();
        // Without a list, all the world may.
        string.Join(' ', (rule.FromProperty ?? []).Select(peer => peer.PodSelector.MatchLabels["app.kubernetes.io/component"])).ShouldBe(clients);
    }

    [Fact]
    public async Task Model_IsPulledByAJob()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var job = Read<V1Job>(published, "templates/ollama-pull/ollama-pull.yaml");
        job.Metadata.Annotations["helm.sh/hook"].ShouldBe("post-install,post-upgrade");
        job.Spec.Template.Spec.RestartPolicy.ShouldBe("OnFailure");
        job.Spec.Template.Spec.Containers[0].Args.ShouldBe(["-c", "until ollama list; do sleep 5; done; ollama pull \"$MODEL\""]);
    }

    [Fact]
    public async Task Servers_AreStartedWithTheirLimits()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        Container(published, "templates/redis/statefulset.yaml").Args.ShouldBe(["-c", "redis-server --requirepass $REDIS_PASSWORD --save 60 1 --maxmemory 768mb --maxmemory-policy volatile-lru"]);
        Container(published, "templates/postgres/statefulset.yaml").Args.ShouldBe(["-c", "max_connections=200"]);
    }

    [Theory]
    [InlineData("redis/statefulset", "512Mi", "1Gi")]
    [InlineData("mlflow/deployment", "1Gi", "2Gi")]
    [InlineData("ollama/deployment", "4Gi", "8Gi")]
    public async Task Service_HasHalfOfItsMemoryForSure(string file, string request, string limit)
    {
        using var published = await PublishedGraph.Of("kubernetes");

        var resources = Container(published, $"templates/{file}.yaml").Resources;
        (resources.Requests["memory"].ToString(), resources.Limits["memory"].ToString()).ShouldBe((request, limit));
    }

    [Fact]
    public async Task Redpanda_MayWriteItsVolume()
    {
        using var published = await PublishedGraph.Of("kubernetes", "--LlmOps:Kafka", "true");

        Read<V1Deployment>(published, "templates/redpanda/deployment.yaml").Spec.Template.Spec.SecurityContext.FsGroup.ShouldBe(101);
        Read<V1NetworkPolicy>(published, "templates/redpanda/ingress.yaml").Spec.Ingress.ShouldHaveSingleItem().Ports.Select(port => port.Port.Value).ShouldNotContain("9092");
    }

    [Fact]
    public async Task Dashboard_IsNotPublished()
    {
        using var published = await PublishedGraph.Of("kubernetes");

        published.Files.Keys.ShouldAllBe(file => !file.Contains("dashboard", StringComparison.Ordinal));
        published.Files.Values.ShouldAllBe(text => !text.Contains("aspire-dashboard", StringComparison.Ordinal));
    }

    private static V1Container Container(PublishedGraph published, string file) =>
        (file.EndsWith("statefulset.yaml", StringComparison.Ordinal) ? Read<V1StatefulSet>(published, file).Spec.Template : Read<V1Deployment>(published, file).Spec.Template).Spec.Containers[0];

    private static T Read<T>(PublishedGraph published, string file) => KubernetesYaml.Deserialize<T>(published.Files[file], strict: true);
}
