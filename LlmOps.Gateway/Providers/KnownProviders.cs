namespace LlmOps.Gateway.Providers;

/// <summary>A provider that needs only its key.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Type">Protocol, one of <see cref="ProviderTypes"/>.</param>
/// <param name="BaseUrl">Root of its API; null for offline, and for what has no usual one.</param>
/// <param name="KeyVariable">Environment variable of its key; null if it needs none.</param>
/// <param name="DefaultModel">The model that stands for it where a request names none; null where it answers no chats.</param>
/// <param name="StreamUsage">Whether its streams must be asked for usage.</param>
/// <param name="ReportsCost">Whether its answers say what they cost.</param>
internal sealed record KnownProvider(
    string Name, string Type, string? BaseUrl, string? KeyVariable, string? DefaultModel, bool StreamUsage = true, bool ReportsCost = false);

/// <summary>The known providers, in the order in which the first configured one gives the default model.</summary>
internal static class KnownProviders
{
    /// <summary>The one whose address is Gateway:Embeddings:Endpoint.</summary>
    public const string Tei = "tei";

    /// <summary>The one that callers may bring a key for.</summary>
    public const string OpenAI = "openai";

    public static IReadOnlyList<KnownProvider> All { get; } =
    [
        new("gemini", ProviderTypes.Gemini, "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY", "gemini-2.5-flash"),
        new(OpenAI, ProviderTypes.OpenAI, "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4o-mini"),
        new("anthropic", ProviderTypes.Anthropic, "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "claude-sonnet"),
        new("groq", ProviderTypes.OpenAI, "https://api.groq.com/openai/v1", "GROQ_API_KEY", "groq-kimi-primary"),

        // OpenRouter sends usage in every stream unasked.
        new("openrouter", ProviderTypes.OpenAI, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter-fallback", StreamUsage: false, ReportsCost: true),
        new("ollama", ProviderTypes.Ollama, "http://localhost:11434", null, "llama3.2"),
        new(Tei, ProviderTypes.Tei, null, null, null),
        new("offline", ProviderTypes.Offline, null, null, "offline"),
    ];
}

/// <summary>The protocols a provider can speak.</summary>
internal static class ProviderTypes
{
    /// <summary>OpenAI's API and everything compatible with it.</summary>
    public const string OpenAI = "openai";

    /// <summary>Google's Gemini API.</summary>
    public const string Gemini = "gemini";

    /// <summary>Anthropic's Messages API.</summary>
    public const string Anthropic = "anthropic";

    /// <summary>Ollama's own API.</summary>
    public const string Ollama = "ollama";

    /// <summary>Hugging Face's Text Embeddings Inference.</summary>
    public const string Tei = "tei";

    /// <summary>The built-in model that is not an LLM.</summary>
    public const string Offline = "offline";

    public static IReadOnlyList<string> All { get; } = [OpenAI, Gemini, Anthropic, Ollama, Tei, Offline];
}
