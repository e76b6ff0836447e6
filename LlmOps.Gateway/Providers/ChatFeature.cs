using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Something that a request in OpenAI's form can ask for, and what becomes of it at providers that speak another
/// protocol. The one source of the check before every translation, of the tests, and of docs/providers.md.
/// </summary>
/// <param name="Name">The feature, in the documentation's words.</param>
/// <param name="Field">Where it stands in a request, in the documentation's words.</param>
/// <param name="Find">The paths at which a request asks for it; none when it does not. Null for what every protocol has.</param>
internal sealed record ChatFeature(string Name, string Field, Func<GatewayChatOptions, IEnumerable<string>>? Find = null)
{
    /// <summary>What stands in for a translation where the field changes nothing in any answer: labels and hints.</summary>
    public const string NoEffect = "no effect";

    /// <summary>What to do where it is refused, if there is something to do.</summary>
    public string? Instead { get; init; }

    /// <summary>What it becomes in Gemini's protocol; null where it is refused.</summary>
    public string? Gemini { get; init; }

    /// <summary>What it becomes in Anthropic's protocol; null where it is refused.</summary>
    public string? Anthropic { get; init; }

    /// <summary>What it becomes in Ollama's protocol; null where it is refused.</summary>
    public string? Ollama { get; init; }

    /// <summary>What the offline model makes of it; null where it is refused.</summary>
    public string? Offline { get; init; }

    /// <summary>What becomes of it at a provider of this type; null where it is refused.</summary>
    public string? At(string providerType) => providerType switch
    {
        ProviderTypes.Gemini => Gemini,
        ProviderTypes.Anthropic => Anthropic,
        ProviderTypes.Ollama => Ollama,
        ProviderTypes.Offline => Offline,
        _ => "as sent",
    };
}
