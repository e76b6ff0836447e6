using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>A model that can be asked now, as GET /v1/models shows it.</summary>
internal sealed record ListedModel(ModelRoute Route, int? ContextWindow, string? UseCase)
{
    /// <summary>What is known of the model where it is had.</summary>
    public ModelFacts? Facts => Route.Target.Pricing.Facts;
}

/// <summary>
/// Finds where a model is to be had: by configured name, predefined name, <c>provider/model</c>, then by prefix.
/// </summary>
internal sealed class ModelTable
{
    private readonly Dictionary<string, ListedModel> _models = new(StringComparer.OrdinalIgnoreCase);

    // Configured models whose provider is not: asked for, such a one is a 503 that says what to set.
    private readonly Dictionary<string, (string Model, Provider Provider)> _waiting = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Provider> _providers;
    private readonly ModelCatalogue _catalogue;

    /// <summary>Builds the table; what the configuration names wrongly goes into <paramref name="faults"/>.</summary>
    public ModelTable(GatewayOptions options, IReadOnlyList<Provider> providers, List<string> faults)
    {
        _providers = providers.ToDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);
        _catalogue = ModelCatalogue.Read(options.Accounting.PriceFile, $"{GatewayOptions.SectionName}:Accounting:PriceFile", faults);
        foreach (var (name, model) in options.Models)
        {
            AddConfigured(name, model, faults);
        }

        foreach (var model in PredefinedModels.All)
        {
            if (_providers[model.Provider] is { Client: { } client } provider && !_waiting.ContainsKey(model.Name))
            {
                _models.TryAdd(model.Name, Listed(model.Name, provider, client, model.Model, null, model.UseCase));
            }
        }

        DefaultModel = options.DefaultModel ?? DefaultOf(options.DefaultProvider, faults);
        if (options.DefaultModel is not null && !_models.ContainsKey(options.DefaultModel) && Find(options.DefaultModel) is null)
        {
            faults.Add($"{EnvironmentNames.Describe("Gateway:DefaultModel")} is '{options.DefaultModel}'; expected one of {string.Join(", ", _models.Keys.Order())}, or provider/model.");
        }
    }

    /// <summary>The model of requests that name none.</summary>
    public string DefaultModel { get; }

    /// <summary>The models that can be asked now, by name.</summary>
    public IEnumerable<ListedModel> Live => _models.Values.OrderBy(model => model.Route.Name, StringComparer.Ordinal);

    /// <summary>Where to have the model.</summary>
    /// <exception cref="GatewayException">404 with near names if nobody knows it; 503 with the setting to make if its provider is not configured.</exception>
    public ListedModel Resolve(string name)
    {
        if (_models.TryGetValue(name, out var listed))
        {
            return listed;
        }

        if (Find(name) is not var (model, provider))
        {
            var near = NearNames.Of(name, _models.Keys);
            throw new GatewayException(
                ErrorCode.ModelNotFound,
                $"There is no model '{Shown.Short(name)}'" + (near.Count > 0 ? $"; near ones: {string.Join(", ", near)}" : "") + ". GET /v1/models lists all; provider/model reaches any model of a configured provider.",
                "model");
        }

        return provider.Client is { } client
            ? Listed(name, provider, client, model, null, null)
            : throw new ProviderException(
                ErrorCode.ProviderNotConfigured, provider.Name, $"Model '{Shown.Short(name)}' needs the provider '{provider.Name}', which is not configured: {provider.Missing}.", "model");
    }

    /// <summary>For a model that is not listed, the provider, configured or not, and its name for the model; null where nobody knows the name.</summary>
    private (string Model, Provider Provider)? Find(string name)
    {
        // The name goes into headers and to the provider.
        if (!Shown.IsVisible(name))
        {
            return null;
        }

        if (_waiting.TryGetValue(name, out var waiting))
        {
            return waiting;
        }

        if (PredefinedModels.All.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } predefined)
        {
            return (predefined.Model, _providers[predefined.Provider]);
        }

        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash < name.Length - 1 && _providers.TryGetValue(name[..slash], out var provider))
        {
            return (name[(slash + 1)..], provider);
        }

        foreach (var (prefix, providerName) in PredefinedModels.Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && _providers.TryGetValue(providerName, out provider))
            {
                return (name, provider);
            }
        }

        return null;
    }

    private void AddConfigured(string name, ModelOptions model, List<string> faults)
    {
        var key = $"{GatewayOptions.SectionName}:Models:{name}:Targets";
        if (model.Targets is not [var target])
        {
            faults.Add($"{key} has {model.Targets.Count} targets; expected one (Provider and Model).");
        }
        else if (!_providers.TryGetValue(target.Provider, out var provider))
        {
            if (target.Provider.Length > 0)
            {
                faults.Add($"{key}:0:Provider is '{target.Provider}'; expected one of {string.Join(", ", _providers.Keys.Order())}.");
            }
        }
        else if (!Shown.IsVisible(target.Model))
        {
            faults.Add($"{key}:0:Model has a space or a character outside ASCII; expected the provider's name for the model.");
        }
        else if (provider.Client is { } client)
        {
            _models[name] = Listed(name, provider, client, target.Model, model.ContextWindow, model.UseCase);
        }
        else
        {
            _waiting[name] = (target.Model, provider);
        }
    }

    private string DefaultOf(string? providerName, List<string> faults)
    {
        if (providerName is null)
        {
            return _providers.Values.FirstOrDefault(provider => provider is { Client: not null, DefaultModel: not null })?.DefaultModel ?? "offline";
        }

        if (_providers.TryGetValue(providerName, out var provider) && provider.DefaultModel is { } model)
        {
            return model;
        }

        faults.Add($"{EnvironmentNames.Describe("Gateway:DefaultProvider")} is '{providerName}'; expected one of {string.Join(", ", KnownProviders.All.Select(known => known.Name))}.");
        return "offline";
    }

    private ListedModel Listed(string name, Provider provider, IChatClient client, string model, int? contextWindow, string? useCase)
    {
        // Whoever speaks a vendor's own protocol has the vendor's models.
        var facts = _catalogue.Find(provider.Name, model)
            ?? (provider.Type is ProviderTypes.Gemini or ProviderTypes.Anthropic ? _catalogue.Find(provider.Type, model) : null);
        var target = new Target(provider.Name, model, client, provider.Type, new Pricing(facts, provider.PriceSource(facts)));
        return new ListedModel(new ModelRoute(name, target), contextWindow ?? facts?.ContextWindow, useCase);
    }
}
