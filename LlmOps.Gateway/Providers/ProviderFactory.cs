using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers.Anthropic;
using LlmOps.Gateway.Providers.Gemini;
using LlmOps.Gateway.Providers.Offline;
using LlmOps.Gateway.Providers.Ollama;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Gateway.Providers.Tei;

namespace LlmOps.Gateway.Providers;

/// <summary>Makes the providers of a configuration: the known ones, with what it says of them, then its own.</summary>
/// <param name="transport">How they are reached.</param>
/// <param name="localOllama">Tells whether a local Ollama runs; null where that does not matter.</param>
/// <param name="time">The clock of their answers and limits.</param>
internal sealed class ProviderFactory(ProviderTransport transport, LocalOllama? localOllama, TimeProvider time)
{
    /// <summary>All providers, configured or not; what is wrong with them goes into <paramref name="faults"/>.</summary>
    public IReadOnlyList<Provider> Create(GatewayOptions options, List<string> faults)
    {
        var own = options.Providers.Keys.Where(name => !KnownProviders.All.Any(known => Same(known.Name, name)));
        return KnownProviders.All
            .Select(known => Create(known, options, faults))
            .Concat(own.Select(name => Create(name, null, options.Providers[name], faults)))
            .ToList();
    }

    private Provider Create(KnownProvider known, GatewayOptions options, List<string> faults)
    {
        var own = options.Providers.FirstOrDefault(pair => Same(pair.Key, known.Name)).Value;
        if (known.Name == KnownProviders.Tei)
        {
            var address = own?.BaseUrl is null ? $"{EmbeddingsOptions.SectionName}:{nameof(EmbeddingsOptions.Endpoint)}" : null;
            own ??= new();
            own.BaseUrl ??= options.Embeddings.Endpoint;
            own.ApiKey ??= options.Embeddings.ApiKey;
            return own.BaseUrl is null ? new Provider(known.Name, known.Type, null, "set TEI_URL", known.DefaultModel) : Create(known.Name, known, own, faults, address);
        }

        return known.Type == ProviderTypes.Ollama && own is null && !(options.DetectOllama && localOllama?.IsThere == true)
            ? new Provider(known.Name, known.Type, null, "set OLLAMA_HOST, or start Ollama on this machine before the gateway", known.DefaultModel)
            : Create(known.Name, known, own ?? new(), faults);
    }

    private Provider Create(string name, KnownProvider? known, ProviderOptions options, List<string> faults, string? addressKey = null, bool isCallers = false)
    {
        var key = $"{GatewayOptions.SectionName}:Providers:{name}";
        addressKey ??= $"{key}:BaseUrl";
        var type = options.Type ?? known?.Type;
        if (name.Contains('/', StringComparison.Ordinal))
        {
            faults.Add($"{key} has a slash in its name; expected a name without, for provider/model is read up to the first slash.");
        }

        if (!Shown.IsVisible(name))
        {
            faults.Add($"{key} has a space or a character outside ASCII in its name; expected a plain name.");
        }

        foreach (var part in options.ApiKey?.Reveal().Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            CheckHeader(part, $"{key}:ApiKey", faults);
        }

        CheckHeader(options.Organization, $"{key}:Organization", faults);
        CheckHeader(options.Project, $"{key}:Project", faults);
        CheckHeader(options.AppTitle?.Replace(' ', '_'), $"{key}:AppTitle", faults);
        CheckAddress(options.BaseUrl, addressKey, faults);
        if (known?.KeyVariable is { } variable && options.ApiKey is null)
        {
            return new Provider(name, known.Type, null, $"set {variable} or {key}:ApiKey", known.DefaultModel) { ForCaller = ForCaller() };
        }

        if (type == ProviderTypes.Offline)
        {
            return new Provider(name, type, new OfflineChatClient("offline", options.WordDelay, time), null, known?.DefaultModel) { Embeddings = new OfflineEmbeddingGenerator() };
        }

        if (type == ProviderTypes.Ollama && options.BaseUrl?.AbsolutePath.TrimEnd('/') is { } path && (path.EndsWith("/v1", StringComparison.Ordinal) || path.EndsWith("/api", StringComparison.Ordinal)))
        {
            return Faulty(name, $"{EnvironmentNames.Describe($"{key}:BaseUrl")} ends with {path[path.LastIndexOf('/')..]}; expected the address of the server itself, such as http://localhost:11434.", faults);
        }

        if (type == ProviderTypes.Tei && options.BaseUrl?.AbsolutePath.TrimEnd('/') is { } route && (route.EndsWith("/v1", StringComparison.Ordinal) || route.EndsWith("/embed", StringComparison.Ordinal) || route.EndsWith("/embeddings", StringComparison.Ordinal)))
        {
            return Faulty(name, $"{EnvironmentNames.Describe(addressKey)} ends with {route[route.LastIndexOf('/')..]}; expected the address of the server itself, such as http://localhost:3000.", faults);
        }

        if (type is null || !ProviderTypes.All.Contains(type))
        {
            return Faulty(name, $"{key}:Type is {(type is null ? "missing" : $"'{type}'")}; expected one of {string.Join(", ", ProviderTypes.All)}.", faults);
        }

        // The address of another provider of the protocol stands in only where there is but one that everybody means.
        var own = known is null ? KnownProviders.All.FirstOrDefault(other => other.Type == type && type != ProviderTypes.OpenAI) : known.Type == type ? known : null;
        if ((options.BaseUrl?.ToString() ?? own?.BaseUrl) is not { } baseUrl)
        {
            return Faulty(name, $"{key}:BaseUrl is missing; expected the root of the API, such as http://localhost:8000/v1.", faults);
        }

        var root = new Uri(baseUrl.TrimEnd('/') + "/");
        var keys = new ProviderKeys(options.ApiKey, time) { IsCallers = isCallers };
        switch (type)
        {
            case ProviderTypes.OpenAI:
                var openAI = new OpenAIProtocol(name, root, options, keys, options.StreamUsage ?? known?.StreamUsage ?? true, time);
                return Create(openAI, openAI.Embeddings);
            case ProviderTypes.Gemini:
                var gemini = new GeminiProtocol(name, root, keys, time);
                return Create(gemini, new GeminiEmbeddings(root, gemini.Errors));
            case ProviderTypes.Anthropic:
                return Create(new AnthropicProtocol(name, root, keys, time), null);
            case ProviderTypes.Tei:
                return Create(null, new TeiEmbeddings(name, root, keys, transport, time));
            default:
                var ollama = new OllamaProtocol(name, root, options, keys, time);
                return Create(ollama, new OllamaEmbeddings(root, options, ollama.Errors)) with { Models = new OllamaModels(name, root, keys, transport, time) };
        }

        Provider Create(IChatProtocol? chat, IEmbeddingProtocol? embeddings) =>
            new(name, type, chat is null ? null : new ProviderChatClient(name, chat, transport), null, known?.DefaultModel)
            {
                Address = root,
                Keys = keys,
                Embeddings = embeddings is null ? null : new ProviderEmbeddingGenerator(name, embeddings, transport),
                ForCaller = ForCaller(),
            };

        // Where the gateway's own calls go, but as the account of the key alone; its settings are checked already.
        Func<Secret, Provider>? ForCaller() => name == KnownProviders.OpenAI && type == ProviderTypes.OpenAI
            ? callers => this.Create(name, known, new ProviderOptions { Type = type, BaseUrl = options.BaseUrl, ApiKey = callers, StreamUsage = options.StreamUsage, Logprobs = options.Logprobs }, [], isCallers: true)
            : null;
    }

    // The value itself is not shown: it may be a key.
    private static void CheckHeader(string? value, string key, List<string> faults)
    {
        if (value is not null && !Shown.IsVisible(value))
        {
            faults.Add($"{EnvironmentNames.Describe(key)} has a space, a line break or a character outside ASCII; expected a value that can be sent in a header.");
        }
    }

    private static void CheckAddress(Uri? address, string key, List<string> faults)
    {
        if (address is not null && (address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0
            || address.AbsolutePath.TrimEnd('/').EndsWith("/chat/completions", StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add($"{EnvironmentNames.Describe(key)} has a query, a user or a path of one endpoint in it; expected the root of the API, such as https://api.example.com/v1.");
        }
    }

    private static Provider Faulty(string name, string fault, List<string> faults)
    {
        faults.Add(fault);
        return new Provider(name, "", null, fault, null);
    }

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
