using System.Text.RegularExpressions;
using Aspire.Hosting.Kubernetes;

namespace LlmOps.AppHost.Publishing;

/// <summary>
/// The secrets of the chart. Aspire reads a password that several components use from a key of each of them, and lists only the
/// owner's in values.yaml; here all read the owner's, and an empty one ends the installation with its name.
/// </summary>
internal static partial class KubernetesSecrets
{
    /// <summary>Settles what a component's secret is made of.</summary>
    public static void Settle(KubernetesResource kubernetes, IDistributedApplicationBuilder builder)
    {
        if (kubernetes.Secret is not { } secret)
        {
            return;
        }

        var owners = builder.Resources.OfType<ContainerResource>().Select(container => container.Name).ToHashSet();
        // All but the keys of providers and of a Langfuse elsewhere, which may be missing.
        var demanded = builder.Resources.OfType<ParameterResource>().Where(parameter => parameter.Default is not null || parameter.IsConnectionString).Select(parameter => KeyOf(parameter.Name)).ToHashSet();
        foreach (var (variable, value) in secret.StringData.ToArray())
        {
            secret.StringData[variable] = Reference().Replace(value, match =>
            {
                var (component, key) = (match.Groups[1].Value, match.Groups[2].Value);
                // Its name begins with its owner's: redis-password.
                var owner = key.Split('_')[0];
                var path = $"secrets.{(owners.Contains(owner) ? owner : component)}.{key}";
                return demanded.Contains(key) ? $"{{{{ required `{path} is empty` .Values.{path} }}}}" : $"{{{{ .Values.{path} }}}}";
            });
        }
    }

    private static string KeyOf(string parameter) => parameter.Replace('-', '_');

    [GeneratedRegex(@"\{\{ \.Values\.secrets\.(\w+)\.(\w+) \}\}")]
    private static partial Regex Reference();
}
