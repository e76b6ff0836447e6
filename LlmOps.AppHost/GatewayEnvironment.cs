namespace LlmOps.AppHost;

/// <summary>
/// What the graph tells the gateway: the one table of it. AppHost.cs sets these variables, LlmOps.AppHost.Tests hold the model to
/// them, and LlmOps.Tests, which has no Aspire, starts real processes with just them.
/// </summary>
internal static class GatewayEnvironment
{
    public const string AdminKey = "LLMOPS_ADMIN_KEY";
    public const string Redis = "ConnectionStrings__redis";
    public const string Database = "ConnectionStrings__llmops";
    public const string Qdrant = "ConnectionStrings__qdrant";
    public const string SemanticMode = "Gateway__Caching__Semantic__Mode";
    public const string Embeddings = "Gateway__Embeddings__Endpoint";
    public const string LangfuseHost = "LANGFUSE_HOST";
    public const string LangfusePublicKey = "LANGFUSE_PUBLIC_KEY";
    public const string LangfuseSecretKey = "LANGFUSE_SECRET_KEY";
    public const string MlflowTrackingUri = "MLFLOW_TRACKING_URI";
    public const string OllamaHost = "OLLAMA_HOST";
    public const string KafkaEnabled = "KAFKA_ENABLED";
    public const string KafkaRestUrl = "KAFKA_REST_URL";
    public const string DataFolder = "Gateway__Data__Folder";
    public const string DrainDelay = "Gateway__Endpoints__DrainDelay";
    public const string PromptsFolder = "Gateway__Prompts__Folder";

    /// <summary>In published forms, how long new requests are still taken after the signal to stop: balancers learn of it within that time.</summary>
    public const string PublishedDrainDelay = "10s";

    /// <summary>
    /// Where published forms keep the data folder: in the image's home folder, which is its user's own. A new volume of Docker's takes
    /// the owner of the folder that it covers, and one that the image lacks would be root's.
    /// </summary>
    public const string PublishedDataFolder = "/home/app/data";

    /// <summary>Where the volume is that it lies on.</summary>
    public const string PublishedVolume = "/home/app";

    /// <summary>Keys of providers: the parameter that holds one, which may be empty, and its variable.</summary>
    public static readonly (string Parameter, string Variable)[] ProviderKeys =
    [
        ("gemini-api-key", "GEMINI_API_KEY"),
        ("openai-api-key", "OPENAI_API_KEY"),
        ("anthropic-api-key", "ANTHROPIC_API_KEY"),
        ("groq-api-key", "GROQ_API_KEY"),
        ("openrouter-api-key", "OPENROUTER_API_KEY"),
    ];

    private static readonly (Part Part, string[] Variables)[] Table =
    [
        (Part.None, [AdminKey, .. ProviderKeys.Select(key => key.Variable)]),
        (Part.Redis, [Redis]),
        (Part.Postgres, [Database]),
        (Part.Qdrant, [Qdrant, SemanticMode]),
        (Part.Embeddings, [Embeddings]),
        (Part.Langfuse, [LangfuseHost, LangfusePublicKey, LangfuseSecretKey]),
        (Part.Mlflow, [MlflowTrackingUri]),
        (Part.Ollama, [OllamaHost]),
        (Part.Kafka, [KafkaEnabled, KafkaRestUrl]),
    ];

    /// <summary>The variables that the gateway is given in a graph of these parts; Aspire adds its own (OTEL_*, ASPNETCORE_URLS).</summary>
    /// <param name="parts">The parts beside the gateway.</param>
    /// <param name="isPublished">Whether the graph is published: then its data folder is on a volume, and it lets balancers learn that it ends; else its prompts are the repository's, as the evaluator's are.</param>
    public static IReadOnlyList<string> For(Part parts, bool isPublished = false) =>
        [.. Table.Where(row => parts.HasFlag(row.Part)).SelectMany(row => row.Variables), .. isPublished ? (string[])[DataFolder, DrainDelay] : [PromptsFolder]];
}
