using LlmOps.Gateway.Providers.Ollama;

namespace LlmOps.Gateway.Configuration;

/// <summary>An environment variable with a short name, and the setting it stands for.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Key">The configuration key it sets.</param>
/// <param name="Convert">Turns the variable's value into the setting's; null where they are the same.</param>
/// <param name="IsSecret">Whether NAME_FILE may name a file that holds the value.</param>
internal sealed record EnvironmentName(string Name, string Key, Func<string, string>? Convert = null, bool IsSecret = false);

/// <summary>The one table of short environment names. docs/configuration.md is generated from it.</summary>
internal static class EnvironmentNames
{
    /// <summary>Where two names set the same key, the one further up wins.</summary>
    public static IReadOnlyList<EnvironmentName> All { get; } =
    [
        new("GEMINI_API_KEY", "Gateway:Providers:gemini:ApiKey", IsSecret: true),
        new("GOOGLE_API_KEY", "Gateway:Providers:gemini:ApiKey", IsSecret: true),
        new("OPENAI_API_KEY", "Gateway:Providers:openai:ApiKey", IsSecret: true),
        new("OPENAI_BASE_URL", "Gateway:Providers:openai:BaseUrl"),
        new("ANTHROPIC_API_KEY", "Gateway:Providers:anthropic:ApiKey", IsSecret: true),
        new("GROQ_API_KEY", "Gateway:Providers:groq:ApiKey", IsSecret: true),
        new("OPENROUTER_API_KEY", "Gateway:Providers:openrouter:ApiKey", IsSecret: true),
        new("OLLAMA_HOST", "Gateway:Providers:ollama:BaseUrl", OllamaHost.ToBaseUrl),
        new("TEI_URL", "Gateway:Embeddings:Endpoint"),
        new("LLM_PROVIDER", "Gateway:DefaultProvider", value => value.Equals("google", StringComparison.OrdinalIgnoreCase) ? "gemini" : value),
        new("DEFAULT_MODEL", "Gateway:DefaultModel"),
        new("LLM_DEFAULT_MODEL", "Gateway:DefaultModel"),
        new("GOOGLE_MODEL", "Gateway:DefaultModel"),
        new("LLM_DEFAULT_TEMPERATURE", "Gateway:Endpoints:DefaultTemperature"),
        new("LLM_DEFAULT_MAX_TOKENS", "Gateway:Endpoints:DefaultMaxTokens"),
        new("LLM_ENABLE_AUTH", "Gateway:Access:Mode", value => AccessMode(value)),
        new("LLMOPS_ADMIN_KEY", "Gateway:Access:AdministratorKey", IsSecret: true),
        new("LITELLM_MASTER_KEY", "Gateway:Access:AdministratorKey", IsSecret: true),
        new("LLMOPS_ADMIN_USERNAME", "Gateway:Access:AdministratorUsername"),
        new("LLMOPS_ADMIN_PASSWORD", "Gateway:Access:AdministratorPassword", IsSecret: true),
        new("API_SECRET_KEY", "Gateway:Access:TokenSecret", IsSecret: true),
        new("REDIS_URL", "Gateway:Redis:ConnectionString", IsSecret: true),
        new("ConnectionStrings__redis", "Gateway:Redis:ConnectionString", IsSecret: true),
        new("REDIS_ENABLED", "Gateway:Redis:Enabled"),
        new("REDIS_MAX_CONNECTIONS", "Gateway:Redis:MaxConnections"),
        new("ConnectionStrings__llmops", "Gateway:Storage:ConnectionString", IsSecret: true),
        new("DATABASE_URL", "Gateway:Storage:ConnectionString", IsSecret: true),
        new("CACHE_TTL_SECONDS", "Gateway:Caching:TimeToLive", value => value + "s"),
        new("REDIS_TTL_HOURS", "Gateway:Caching:TimeToLive", value => value + "h"),
        new("QDRANT_URL", "Gateway:Caching:Semantic:Qdrant:Endpoint"),
        new("QDRANT_SIMILARITY_THRESHOLD", "Gateway:Caching:Semantic:Threshold"),
        new("MLFLOW_TRACKING_URI", "Gateway:Telemetry:MLflow:TrackingUri"),
        new("MLFLOW_EXPERIMENT_NAME", "Gateway:Telemetry:MLflow:Experiment"),
        new("MLFLOW_TRACKING_USERNAME", "Gateway:Telemetry:MLflow:Username"),
        new("MLFLOW_TRACKING_PASSWORD", "Gateway:Telemetry:MLflow:Password", IsSecret: true),
        new("LANGFUSE_HOST", "Gateway:Telemetry:Langfuse:Host"),
        new("LANGFUSE_PUBLIC_KEY", "Gateway:Telemetry:Langfuse:PublicKey"),
        new("LANGFUSE_SECRET_KEY", "Gateway:Telemetry:Langfuse:SecretKey", IsSecret: true),
        new("KAFKA_ENABLED", "Gateway:Telemetry:Kafka:Enabled"),
        new("KAFKA_REST_URL", "Gateway:Telemetry:Kafka:RestUrl"),
        new("KAFKA_REQUEST_TOPIC", "Gateway:Telemetry:Kafka:RequestTopic"),
        new("KAFKA_METRICS_TOPIC", "Gateway:Telemetry:Kafka:MetricsTopic"),
        new("KAFKA_ERROR_TOPIC", "Gateway:Telemetry:Kafka:ErrorTopic"),
        new("LLM_HOST", "Gateway:Endpoints:Host"),
        new("LLM_PORT", "Gateway:Endpoints:Port"),
        new("LLM_APP_NAME", "Gateway:Endpoints:ServiceName"),
        new("LLM_VERSION", "Gateway:Endpoints:ServiceVersion"),
        new("LLM_DEBUG", LogLevelKey, value => value == "1" || (bool.TryParse(value, out var debug) && debug) ? "Debug" : ""),
        new("LLM_LOG_LEVEL", LogLevelKey, LogLevel),
        new("API_LOG_LEVEL", LogLevelKey, LogLevel),
        new("LITELLM_LOG", LogLevelKey, LogLevel),
        new("LLM_LOG_FILE", "Logging:File:Path"),
    ];

    /// <summary>Variables that others of the kind are set up by and that mean nothing here, with what to set instead.</summary>
    public static IReadOnlyDictionary<string, string> Unused { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["KAFKA_BOOTSTRAP_SERVERS"] = "Kafka is written to through a REST proxy: set its address as KAFKA_REST_URL, and KAFKA_ENABLED=true",
        ["MLFLOW_S3_ENDPOINT_URL"] = "nothing is to be set instead: artifacts go through MLflow's server, which has the credentials of its store",
    };

    /// <summary>The framework's key for the least severe level that is logged.</summary>
    public const string LogLevelKey = "Logging:LogLevel:Default";

    /// <summary>Ends the name of a variable that sets the version of a prompt, such as SUMMARIZER_PROMPT_VERSION.</summary>
    public const string PromptVersionSuffix = "_PROMPT_VERSION";

    /// <summary>The key of these versions, by prompt.</summary>
    public const string PromptVersionKey = "Gateway:Prompts:Production";

    /// <summary>The prompt whose version a variable sets; null where it sets none.</summary>
    public static string? PromptOf(string variable) =>
        variable.EndsWith(PromptVersionSuffix, StringComparison.OrdinalIgnoreCase) && variable.Length > PromptVersionSuffix.Length && !variable.Contains("__", StringComparison.Ordinal)
            ? variable[..^PromptVersionSuffix.Length].ToLowerInvariant()
            : null;

    /// <summary>The key, with the short names that set it, as a fault message calls it.</summary>
    public static string Describe(string key)
    {
        var names = All.Where(name => name.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Select(name => name.Name).ToArray();
        return names.Length == 0 ? key : $"{key} ({string.Join(", ", names)})";
    }

    private static string AccessMode(string value) => value.ToUpperInvariant() switch
    {
        "TRUE" or "1" => nameof(Access.AccessMode.Required),
        "FALSE" or "0" => nameof(Access.AccessMode.Open),
        _ => value,
    };

    // Python's names for levels, which these variables come from, beside .NET's.
    private static string LogLevel(string value) => value.ToUpperInvariant() switch
    {
        "INFO" => "Information",
        "WARN" => "Warning",
        "FATAL" => "Critical",
        _ => value,
    };
}
