using LlmOps.Gateway.Embeddings;

namespace LlmOps.Gateway.Routing;

/// <summary>A model that exists without configuration as soon as its provider does. Its limits and price are the catalogue's.</summary>
/// <param name="Name">What callers call it.</param>
/// <param name="Provider">The known provider that has it.</param>
/// <param name="Model">That provider's name for it.</param>
/// <param name="UseCase">What it is good for.</param>
internal sealed record PredefinedModel(string Name, string Provider, string Model, string UseCase)
{
    /// <summary>Predefined models that stand in for it, by name; those of configured providers.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];
}

/// <summary>The models and name prefixes that are known without configuration.</summary>
internal static class PredefinedModels
{
    /// <summary>The models.</summary>
    public static IReadOnlyList<PredefinedModel> All { get; } =
    [
        new("gemini-2.5-flash", "gemini", "gemini-2.5-flash", "Fast and cheap, long context: everyday tasks, images, audio") { Fallbacks = ["llama3.2"] },
        new("gemini-2.5-pro", "gemini", "gemini-2.5-pro", "High quality, long context: reasoning, code, documents"),
        new("gpt-4o-mini", "openai", "gpt-4o-mini", "Fast and cheap: everyday tasks, classification, extraction"),
        new("gpt-4o", "openai", "gpt-4o", "High quality: reasoning over long texts, images, tools"),

        // The newest Sonnet that still takes temperature and a forced tool call, as requests in OpenAI's form have them.
        new("claude-sonnet", "anthropic", "claude-sonnet-4-6", "High quality: writing, code, agents"),
        new("llama3.2", "ollama", "llama3.2", "On your own machine: nothing leaves it, nothing is billed"),

        // Routes: each falls back along this list.
        new("groq-kimi-primary", "groq", "moonshotai/kimi-k2-instruct", "Fast inference") { Fallbacks = ["gpt-4o-primary", "gemini-secondary", "openrouter-fallback"] },
        new("gpt-4o-primary", "openai", "gpt-4o", "High quality") { Fallbacks = ["gemini-secondary", "openrouter-fallback"] },
        new("gemini-secondary", "gemini", "gemini-2.5-flash", "Balanced") { Fallbacks = ["openrouter-fallback"] },
        new("openrouter-fallback", "openrouter", "openrouter/auto", "Fallback: OpenRouter chooses a model"),
        // Embeddings.
        new("text-embedding-3-small", "openai", "text-embedding-3-small", "Embeddings, cheap: search, clustering"),
        new("text-embedding-3-large", "openai", "text-embedding-3-large", "Embeddings of high quality, also across languages"),
        new("text-embedding-ada-002", "openai", "text-embedding-ada-002", "Embeddings for what was made with it before"),
        new("gemini-embedding-001", "gemini", "gemini-embedding-001", "Embeddings of high quality, also across languages and for code"),
        new("tei", "tei", "tei", "Embeddings on your own machines, by Text Embeddings Inference"),
        new(OfflineEmbedding.ModelName, "offline", OfflineEmbedding.ModelName, "Embeddings without a network, by the pieces of words; no learned model"),
        new("offline", "offline", "offline", "Trying things out, tests and evaluations without a network; not an LLM"),
    ];

    /// <summary>Names that begin so belong to a provider even if nobody lists them.</summary>
    public static IReadOnlyList<(string Prefix, string Provider)> Prefixes { get; } =
        [("gpt-", "openai"), ("text-embedding-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("gemini-", "gemini"), ("claude-", "anthropic")];
}
