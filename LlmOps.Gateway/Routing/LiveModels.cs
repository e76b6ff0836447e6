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
        foreach (var provider in snapshot.Providers.Where(provider => provider is { IsConfigured: true, Models: not null }))
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

    /// <summary>One model that can be asked now.</summary>
    /// <exception cref="GatewayException">404 if nobody knows it, or its server says that it has not pulled it; 503 if its provider is not configured.</exception>
    public static async Task<ListedModel> FindAsync(GatewaySnapshot snapshot, string name, CancellationToken cancellationToken)
    {
        var model = snapshot.Models.Resolve(name);
        var target = model.Route.Target;
        var source = snapshot.Providers.First(provider => provider.Name == target.Provider).Models;
        return source is not null && await source.ListAsync(cancellationToken) is { } pulled && !pulled.Any(known => Plain(known).Equals(Plain(target.Model), StringComparison.OrdinalIgnoreCase))
            ? throw new GatewayException(ErrorCode.ModelNotFound, $"Model '{Shown.Short(target.Model)}' is not pulled at provider '{target.Provider}': run `ollama pull {Shown.Short(target.Model)}` on its machine.", "model")
            : model;
    }

    private static string Plain(string name) => name.EndsWith(DefaultTag, StringComparison.OrdinalIgnoreCase) ? name[..^DefaultTag.Length] : name;
}
