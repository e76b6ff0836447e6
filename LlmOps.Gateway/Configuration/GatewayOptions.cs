using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Configuration;

/// <summary>The configuration section <c>Gateway</c> as a whole; each folder's options are a subsection of its name.</summary>
internal sealed class GatewayOptions
{
    /// <summary>The section all of it lies under.</summary>
    public const string SectionName = "Gateway";

    /// <summary>The model of a request that names none (outside /v1). Unset: the default model of the first configured provider.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>The provider whose default model is taken while DefaultModel is unset. Unset: the first configured one.</summary>
    public string? DefaultProvider { get; set; }

    /// <summary>Providers by name. Known ones (gemini, openai, anthropic, groq, openrouter, ollama, tei, offline) need only their key or address, or nothing.</summary>
    public Dictionary<string, ProviderOptions> Providers { get; set; } = [];

    /// <summary>Whether a local Ollama is looked for at start (localhost:11434, for at most 300 ms), unless one is configured.</summary>
    public bool DetectOllama { get; set; } = true;

    /// <summary>Models by the name callers use, in addition to the predefined ones; a name that is predefined is replaced.</summary>
    public Dictionary<string, ModelOptions> Models { get; set; } = [];

    /// <summary>How requests are received.</summary>
    public EndpointOptions Endpoints { get; set; } = new();

    /// <summary>Who may ask.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>Where prompts are.</summary>
    public PromptOptions Prompts { get; set; } = new();

    /// <summary>How providers are called.</summary>
    public RoutingOptions Routing { get; set; } = new();

    /// <summary>What may go in to a model, and what may come out.</summary>
    public GuardrailOptions Guardrails { get; set; } = new();

    /// <summary>Which answers are kept.</summary>
    public CachingOptions Caching { get; set; } = new();

    /// <summary>The gateway's own tools, and who is offered them.</summary>
    public FunctionOptions Functions { get; set; } = new();

    /// <summary>The embeddings that the gateway itself needs.</summary>
    public EmbeddingsOptions Embeddings { get; set; } = new();

    /// <summary>How usage is priced.</summary>
    public AccountingOptions Accounting { get; set; } = new();

    /// <summary>What is told of requests, and to whom.</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>The state that gateways share.</summary>
    public RedisOptions Redis { get; set; } = new();

    /// <summary>Where state lies.</summary>
    public DataOptions Data { get; set; } = new();

    /// <summary>Where records are.</summary>
    public StorageOptions Storage { get; set; } = new();
}
