using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers.Offline;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Providers;

/// <summary>Makes the providers of a configuration: the known ones, with what it says of them, then its own.</summary>
internal sealed class ProviderFactory(ProviderTransport transport, TimeProvider time)
{
    /// <summary>All providers, configured or not; what is wrong with them goes into <paramref name="faults"/>.</summary>
    public IReadOnlyList<Provider> Create(GatewayOptions options, List<string> faults)
    {
        var own = options.Providers.Keys.Where(name => !KnownProviders.All.Any(known => Same(known.Name, name)));
        return KnownProviders.All
            .Select(known => Create(known.Name, known, options.Providers.FirstOrDefault(pair => Same(pair.Key, known.Name)).Value ?? new(), faults))
            .Concat(own.Select(name => Create(name, null, options.Providers[name], faults)))
            .ToList();
    }

    private Provider Create(string name, KnownProvider? known, ProviderOptions options, List<string> faults)
    {
        var key = $"{GatewayOptions.SectionName}:Providers:{name}";
        var type = options.Type ?? known?.Type;
        if (name.Contains('/', StringComparison.Ordinal))
        {
            faults.Add($"{key} has a slash in its name; expected a name without, for provider/model is read up to the first slash.");
        }

        if (!Shown.IsVisible(name))
        {
            faults.Add($"{key} has a space or a character outside ASCII in its name; expected a plain name.");
        }

        CheckHeader(options.ApiKey?.Reveal(), $"{key}:ApiKey", faults);
        CheckHeader(options.Organization, $"{key}:Organization", faults);
        CheckHeader(options.Project, $"{key}:Project", faults);
        CheckAddress(options.BaseUrl, $"{key}:BaseUrl", faults);
        if (known?.KeyVariable is { } variable && options.ApiKey is null)
        {
            return new Provider(name, null, $"set {variable} or {key}:ApiKey", known.DefaultModel);
        }

        return type switch
        {
            ProviderTypes.Offline => new Provider(name, Offline(options), null, known?.DefaultModel),
            ProviderTypes.OpenAI when (options.BaseUrl?.ToString() ?? known?.BaseUrl) is { } baseUrl =>
                new Provider(name, OpenAI(name, new Uri(baseUrl), options, known), null, known?.DefaultModel),
            ProviderTypes.OpenAI => Faulty(name, $"{key}:BaseUrl is missing; expected the root of the API, such as http://localhost:8000/v1.", faults),
            null => Faulty(name, $"{key}:Type is missing; expected one of {string.Join(", ", ProviderTypes.All)}.", faults),
            _ => Faulty(name, $"{key}:Type is '{type}'; expected one of {string.Join(", ", ProviderTypes.All)}.", faults),
        };
    }

    private AttemptChatClient OpenAI(string name, Uri baseUrl, ProviderOptions options, KnownProvider? known) =>
        new(new ProviderChatClient(name, new OpenAIProtocol(name, baseUrl, options, options.StreamUsage ?? known?.StreamUsage ?? true, time), transport), time);

    private AttemptChatClient Offline(ProviderOptions options) =>
        new(new TranslationGuard(new OfflineChatClient("offline", options.WordDelay, time), OfflineFields.Translated), time);

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
        return new Provider(name, null, fault, null);
    }

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
