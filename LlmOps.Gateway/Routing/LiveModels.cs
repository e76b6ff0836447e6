using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Routing;

/// <summary>The models that can be asked now: those of the table, and what providers that can be asked have.</summary>
internal static class LiveModels
{
    private const string DefaultTag = ":latest";

    /// <summary>
    /// The table's models, without those that a server says it has not pulled; then what it has besides, as provider/model.
    /// Of a server that does not answer, the table's models are listed as they are.
    /// </summary>
    public static async Task<IReadOnlyList<ListedModel>> ListAsync(GatewaySnapshot snapshot, CancellationToken cancellationToken)
    {
        var models = snapshot.Models.Live.ToList();
        foreach (var provider in snapshot.Providers.Where(provider => provider is { Client: not null, Models: not null }))
        {
            if (await provider.Models!.ListAsync(cancellationToken) is not { } pulled)
            {
                continue;
            }

            var names = pulled.Select(Plain).ToHashSet(StringComparer.OrdinalIgnoreCase);
            models.RemoveAll(model => model.Route.Target.Provider == provider.Name && !names.Contains(Plain(model.Route.Target.Model)));
            models.AddRange(names.Where(name => Shown.IsVisible(name) && !models.Exists(model => model.Route.Target.Provider == provider.Name && Plain(model.Route.Target.Model).Equals(name, StringComparison.OrdinalIgnoreCase)))
                .Select(name => $"{provider.Name}/{name}")
                .Order(StringComparer.Ordinal)
                .Select(snapshot.Models.Resolve));
        }

        return models;
    }

    private static string Plain(string name) => name.EndsWith(DefaultTag, StringComparison.OrdinalIgnoreCase) ? name[..^DefaultTag.Length] : name;
}
