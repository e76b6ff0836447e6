namespace LlmOps.Gateway.Providers;

/// <summary>A provider that needs only its key.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Type">Protocol, one of <see cref="ProviderTypes"/>.</param>
/// <param name="BaseUrl">Root of its API; null for offline.</param>
/// <param name="KeyVariable">Environment variable of its key; null if it needs none.</param>
/// <param name="DefaultModel">The model that stands for it where a request names none.</param>
/// <param name="StreamUsage">Whether its streams must be asked for usage.</param>
internal sealed record KnownProvider(string Name, string Type, string? BaseUrl, string? KeyVariable, string DefaultModel, bool StreamUsage = true);

/// <summary>The known providers, in the order in which the first configured one gives the default model.</summary>
internal static class KnownProviders
{
    public static IReadOnlyList<KnownProvider> All { get; } =
    [
        new("openai", ProviderTypes.OpenAI, "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4o-mini"),
        new("groq", ProviderTypes.OpenAI, "https://api.groq.com/openai/v1", "GROQ_API_KEY", "groq-kimi-primary"),

        // OpenRouter sends usage in every stream unasked.
        new("openrouter", ProviderTypes.OpenAI, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter-fallback", StreamUsage: false),
        new("offline", ProviderTypes.Offline, null, null, "offline"),
    ];
}

/// <summary>The protocols a provider can speak.</summary>
internal static class ProviderTypes
{
    /// <summary>OpenAI's API and everything compatible with it.</summary>
    public const string OpenAI = "openai";

    /// <summary>The built-in model that is not an LLM.</summary>
    public const string Offline = "offline";

    public static IReadOnlyList<string> All { get; } = [OpenAI, Offline];
}
