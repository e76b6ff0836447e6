using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Providers;

/// <summary>One model provider. What is left unset is taken from the known provider of that name, if there is one.</summary>
internal sealed class ProviderOptions
{
    /// <summary>Protocol: openai (and everything compatible), gemini, anthropic, ollama, tei (embeddings only) or offline.</summary>
    public string? Type { get; set; }

    /// <summary>Root of the provider's API, such as https://api.openai.com/v1 or http://localhost:11434; http and https only.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>The key it is called with; several, separated by commas, are used in turn. A known provider without one is not configured; others are called without a key.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>Sent as OpenAI-Organization.</summary>
    public string? Organization { get; set; }

    /// <summary>Sent as OpenAI-Project.</summary>
    public string? Project { get; set; }

    /// <summary>Address of the application that OpenRouter lists the traffic under; sent as HTTP-Referer.</summary>
    public Uri? AppUrl { get; set; }

    /// <summary>Name of that application; sent as X-OpenRouter-Title.</summary>
    public string? AppTitle { get; set; }

    /// <summary>Whether usage is asked for in every stream (stream_options.include_usage) so that tokens can be accounted; switch it off for servers that refuse the field.</summary>
    public bool? StreamUsage { get; set; }

    /// <summary>Whether /invoke asks models that are known to have them for the probabilities of an answer's tokens (logprobs), from which its confidence is; switch it off for servers that refuse the field.</summary>
    public bool Logprobs { get; set; } = true;

    /// <summary>How long an Ollama server keeps a model in memory after an answer, as it writes durations: 10m, 24h, 0, or -1 for ever. A request's own keep_alive wins. Unset: the server's own choice.</summary>
    public string? KeepAlive { get; set; }

    /// <summary>Size of the context that an Ollama server runs models with, in tokens (num_ctx); a request's own options.num_ctx wins. Unset: the server's own choice. A longer prompt is refused, never cut.</summary>
    [Range(256, 100_000_000)]
    public int? ContextLength { get; set; }

    /// <summary>Pause before each word that the offline model streams.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan WordDelay { get; set; } = TimeSpan.FromMilliseconds(20);
}
