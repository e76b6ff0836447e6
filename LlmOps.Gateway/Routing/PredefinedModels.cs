namespace LlmOps.Gateway.Routing;

/// <summary>A model that exists without configuration as soon as its provider does.</summary>
/// <param name="Name">What callers call it.</param>
/// <param name="Provider">The known provider that has it.</param>
/// <param name="Model">That provider's name for it.</param>
/// <param name="ContextWindow">Tokens of input and output together; null where it depends on what the provider routes to.</param>
/// <param name="UseCase">What it is good for.</param>
internal sealed record PredefinedModel(string Name, string Provider, string Model, int? ContextWindow, string UseCase);

/// <summary>The models and name prefixes that are known without configuration.</summary>
internal static class PredefinedModels
{
    /// <summary>Context windows are the providers' published ones.</summary>
    public static IReadOnlyList<PredefinedModel> All { get; } =
    [
        new("gpt-4o-mini", "openai", "gpt-4o-mini", 128_000, "Fast and cheap: everyday tasks, classification, extraction"),
        new("gpt-4o", "openai", "gpt-4o", 128_000, "High quality: reasoning over long texts, images, tools"),
        new("gpt-4o-primary", "openai", "gpt-4o", 128_000, "High quality"),
        new("groq-kimi-primary", "groq", "moonshotai/kimi-k2-instruct", 131_072, "Fast inference"),
        new("openrouter-fallback", "openrouter", "openrouter/auto", null, "Fallback: OpenRouter chooses a model"),
        new("offline", "offline", "offline", null, "Trying things out, tests and evaluations without a network; not an LLM"),
    ];

    /// <summary>Names that begin so belong to a provider even if nobody lists them.</summary>
    public static IReadOnlyList<(string Prefix, string Provider)> Prefixes { get; } =
        [("gpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("gemini-", "gemini"), ("claude-", "anthropic")];
}
