using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// Finds where a model is to be had: by configured name, predefined name, <c>provider/model</c>, then by prefix.
/// </summary>
internal sealed class ModelTable
{
    private const int MostTargets = 32;
    private const string ModelKey = $"{EmbeddingsOptions.SectionName}:{nameof(EmbeddingsOptions.Model)}";

    private const string JudgeKey = $"{GatewayOptions.SectionName}:Caching:Semantic:{nameof(SemanticOptions.JudgeModel)}";

    private const int LongestName = 256;

    private readonly Dictionary<string, ListedModel> _models = new(StringComparer.OrdinalIgnoreCase);

    // Configured models whose provider is not: asked for, such a one is a 503 that says what to set.
    private readonly Dictionary<string, (string Model, Provider Provider)> _waiting = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Provider> _providers;
    private readonly ModelCatalogue _catalogue;
    private readonly TargetStates _states;

    /// <summary>Builds the table; what the configuration names wrongly goes into <paramref name="faults"/>.</summary>
    public ModelTable(GatewayOptions options, IReadOnlyList<Provider> providers, TargetStates states, List<string> faults)
    {
        _states = states;
        _providers = providers.ToDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);
        _catalogue = ModelCatalogue.Read(options.Accounting.PriceFile, $"{GatewayOptions.SectionName}:Accounting:PriceFile", faults);
        foreach (var (name, model) in options.Models)
        {
            AddConfigured(name, model, faults);
        }

        foreach (var model in PredefinedModels.All)
        {
            // What was asked for by name is not silently another model: those that stand in do so when it fails.
            if (_providers[model.Provider].IsConfigured && !_waiting.ContainsKey(model.Name))
            {
                _models.TryAdd(model.Name, Listed(model));
            }
        }

        DefaultModel = options.DefaultModel ?? DefaultOf(options.DefaultProvider, faults);
        if (options.DefaultModel is not null && !_models.ContainsKey(options.DefaultModel) && Find(options.DefaultModel) is null)
        {
            faults.Add($"{EnvironmentNames.Describe("Gateway:DefaultModel")} is '{options.DefaultModel}'; expected one of {string.Join(", ", _models.Keys.Order())}, or provider/model.");
        }

        if (_models.TryGetValue(DefaultModel, out var byDefault) && byDefault.Route.Target.Client is null)
        {
            faults.Add($"{EnvironmentNames.Describe("Gateway:DefaultModel")} is '{DefaultModel}', which only makes embeddings; expected a model for chats.");
        }

        Embedding = EmbeddingOf(options.Embeddings, faults);
        Judge = options.Caching.Semantic.Verifier == SemanticVerification.Judge ? ChatModel(JudgeKey, options.Caching.Semantic.JudgeModel, "as the verifier is Judge", faults) : null;
    }

    /// <summary>The model of requests that name none.</summary>
    public string DefaultModel { get; }

    /// <summary>The model that the gateway itself asks for embeddings, at its first target only: vectors of a stand-in would have nothing to do with those.</summary>
    public ModelRoute Embedding { get; }

    /// <summary>The model that decides whether two questions are the same; null where none does.</summary>
    public ModelRoute? Judge { get; }

    /// <summary>The models that can be asked now, by name.</summary>
    public IEnumerable<ListedModel> Live => _models.Values.OrderBy(model => model.Route.Name, StringComparer.Ordinal);

    /// <summary>A model's name as it is listed, whatever its letter case; the same name where it is not listed.</summary>
    public string ListedName(string name) => _models.TryGetValue(name, out var listed) ? listed.Route.Name : name;

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

        return provider.IsConfigured
            ? Listed(name, [Target(provider, model)], TargetStrategies.All[TargetStrategies.Default], null, null)
            : throw new ProviderException(
                ErrorCode.ProviderNotConfigured, provider.Name, $"Model '{Shown.Short(name)}' needs the provider '{provider.Name}', which is not configured: {provider.Missing}.", "model");
    }

    /// <summary>Where to have a model of OpenAI's with a key that a caller brings: there alone, and apart from all that is known of calls with the gateway's keys.</summary>
    /// <exception cref="GatewayException">404 if nobody knows the model; 400 if it is another provider's.</exception>
    public ModelRoute ResolveFor(Secret callersKey, string name)
    {
        if (FirstTarget(name) is not var (model, provider))
        {
            return Resolve(name).Route;
        }

        return provider == KnownProviders.OpenAI && _providers[provider].ForCaller is { } forCaller
            ? new ModelRoute(ListedName(name), [Target(forCaller(callersKey), model, _states.Apart(provider, model))], TargetStrategies.All[TargetStrategies.Default])
            : throw new GatewayException(ErrorCode.InvalidValue, $"model is '{Shown.Short(name)}', which is not OpenAI's; expected a model of OpenAI's beside {CallersKey.Field}.", "model");
    }

    /// <summary>The model of requests that bring a key for OpenAI and name none: the default one if it is OpenAI's, else OpenAI's own.</summary>
    public string DefaultModelForCallersKey => FirstTarget(DefaultModel)?.Provider == KnownProviders.OpenAI ? DefaultModel : _providers[KnownProviders.OpenAI].DefaultModel!;

    // Where requests for a model go first; null where nobody knows it.
    private (string Model, string Provider)? FirstTarget(string name) =>
        _models.TryGetValue(name, out var listed) ? (listed.Route.Target.Model, listed.Route.Target.Provider)
        : Find(name) is var (model, provider) ? (model, provider.Name)
        : null;

    /// <summary>For a model that is not listed, the provider, configured or not, and its name for the model; null where nobody knows the name.</summary>
    private (string Model, Provider Provider)? Find(string name)
    {
        // The name goes into headers, into the ledger and to the provider.
        if (name.Length > LongestName || !Shown.IsVisible(name))
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
        var key = $"{GatewayOptions.SectionName}:Models:{name}";
        if (!TargetStrategies.All.TryGetValue(model.Strategy, out var strategy))
        {
            faults.Add($"{key}:Strategy is '{model.Strategy}'; expected one of {string.Join(", ", TargetStrategies.All.Keys)}.");
        }

        if (model.Targets.Count is 0 or > MostTargets)
        {
            faults.Add($"{key}:Targets has {model.Targets.Count} targets; expected 1 to {MostTargets}, each with Provider and Model.");
        }

        FunctionOptions.CheckPatterns($"{key}:{nameof(ModelOptions.Tools)}", model.Tools, faults);
        var targets = new List<Target>();
        (string Model, Provider Provider)? waiting = null;
        for (var index = 0; index < model.Targets.Count; index++)
        {
            var target = model.Targets[index];
            if (!_providers.TryGetValue(target.Provider, out var provider))
            {
                if (target.Provider.Length > 0)
                {
                    faults.Add($"{key}:Targets:{index}:Provider is '{target.Provider}'; expected one of {string.Join(", ", _providers.Keys.Order())}.");
                }
            }
            else if (!Shown.IsVisible(target.Model))
            {
                faults.Add($"{key}:Targets:{index}:Model has a space or a character outside ASCII; expected the provider's name for the model.");
            }
            else if (!provider.IsConfigured)
            {
                waiting ??= (target.Model, provider);
            }
            else
            {
                targets.Add(Target(provider, target.Model, target));
            }
        }

        if (targets.Count > 0)
        {
            _models[name] = Listed(name, targets, strategy!, model.ContextWindow, model.UseCase, model);
        }
        else if (waiting is { } missing)
        {
            _waiting[name] = missing;
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

        faults.Add($"{EnvironmentNames.Describe("Gateway:DefaultProvider")} is '{providerName}'; expected one of {string.Join(", ", KnownProviders.All.Where(known => known.DefaultModel is not null).Select(known => known.Name))}.");
        return "offline";
    }

    private ModelRoute EmbeddingOf(EmbeddingsOptions options, List<string> faults)
    {
        var name = options.Model ?? (options.Endpoint is null ? OfflineEmbedding.ModelName : KnownProviders.Tei);
        string fault;
        try
        {
            var target = Resolve(name).Route.Target;
            if (target.Embeddings is not null)
            {
                return new ModelRoute(name, [target], TargetStrategies.All[TargetStrategies.Default]);
            }

            fault = $"{ModelKey} is '{name}', which makes no embeddings; expected an embedding model.";
        }
        catch (GatewayException exception)
        {
            fault = $"{ModelKey} is '{name}'. {exception.Message}";
        }

        if (options.Model is not null || faults.Count == 0)
        {
            // Otherwise the provider behind it is at fault, which is told already.
            faults.Add(fault);
        }

        return new ModelRoute(name, [Target(_providers["offline"], OfflineEmbedding.ModelName)], TargetStrategies.All[TargetStrategies.Default]);
    }

    /// <summary>The chat model that a setting names; null, and a fault, where it names none.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="name">What it says; null for nothing.</param>
    /// <param name="need">Why it is needed.</param>
    /// <param name="faults">Where the fault is added.</param>
    public ModelRoute? ChatModel(string key, string? name, string need, List<string> faults)
    {
        try
        {
            if (name is not null && Resolve(name).Route is { Target.Client: not null } route)
            {
                return route;
            }

            faults.Add($"{key} is {(name is null ? "not set" : $"'{name}', which does not chat")}; expected a chat model, {need}.");
        }
        catch (GatewayException exception)
        {
            faults.Add($"{key} is '{name}': {exception.Message}");
        }

        return null;
    }

    private ListedModel Listed(PredefinedModel model) => Listed(
        model.Name,
        [
            .. model.Fallbacks.Select(name => PredefinedModels.All.First(other => other.Name == name)).Prepend(model)
                .Where(each => _providers[each.Provider].IsConfigured)
                .Select(each => Target(_providers[each.Provider], each.Model)),
        ],
        TargetStrategies.All[TargetStrategies.Default],
        null,
        model.UseCase);

    private static ListedModel Listed(string name, List<Target> targets, ITargetStrategy strategy, int? contextWindow, string? useCase, ModelOptions? options = null) => new(
        new ModelRoute(name, targets, strategy)
        {
            Hedging = options?.Hedging is { Mode: not HedgingMode.Off } hedging && targets.Count > 1 ? hedging : null,
            Caching = options?.Caching ?? default,
            CacheTimeToLive = options?.CacheTimeToLive,
            Tools = options?.Tools is { Count: > 0 } tools ? tools : null,
        },
        contextWindow ?? targets[0].ContextWindow,
        useCase);

    private Target Target(Provider provider, string model, TargetOptions? options = null) => Target(provider, model, _states.Of(provider.Name, model), options);

    private Target Target(Provider provider, string model, TargetState state, TargetOptions? options = null)
    {
        // Whoever speaks a vendor's own protocol has the vendor's models.
        var facts = _catalogue.Find(provider.Name, model)
            ?? (provider.Type is ProviderTypes.Gemini or ProviderTypes.Anthropic or ProviderTypes.Ollama ? _catalogue.Find(provider.Type, model) : null);
        var embeds = provider.Embeds(model, facts);
        return new Target(provider.Name, model, embeds == true ? null : provider.Client, provider.Type, new Pricing(facts, provider.PriceSource(facts)), provider.Keys, state)
        {
            Embeddings = embeds == false ? null : provider.Embeddings,
            Address = provider.Address,
            Weight = options?.Weight ?? 1,
            Slots = options?.MaxConcurrency is { } most ? state.Slots(most, options.QueueLimit) : null,
        };
    }
}
