namespace LlmOps.AppHost;

/// <summary>The images of the graph: every tag stands here and nowhere else.</summary>
internal static class Images
{
    /// <summary>Tag of Aspire's own choice of image for Redis.</summary>
    public const string RedisTag = "8.2";

    /// <summary>Tag of Aspire's own choice of image for PostgreSQL.</summary>
    public const string PostgresTag = "17.6";

    /// <summary>Tag of Aspire's own choice of image for Qdrant.</summary>
    public const string QdrantTag = "v1.19.0";

    /// <summary>Tag of Aspire's own choice of image for the dashboard beside what is published.</summary>
    public const string DashboardTag = "13.5";

    /// <summary>Text Embeddings Inference; LlmOps:TeiImage names another, such as one for a GPU.</summary>
    public const string Tei = "ghcr.io/huggingface/text-embeddings-inference";

    /// <summary>Computes on the processor; LlmOps:TeiTag names another.</summary>
    public const string TeiTag = "cpu-1.9";

    /// <summary>Langfuse 2: PostgreSQL is all that it needs. Versions 3 and 4 also want ClickHouse, Redis and an object store.</summary>
    public const string Langfuse = "langfuse/langfuse";

    /// <summary>The last of version 2.</summary>
    public const string LangfuseTag = "2.95.12";

    /// <summary>MLflow.</summary>
    public const string Mlflow = "ghcr.io/mlflow/mlflow";

    /// <summary>The variant with psycopg2, which PostgreSQL takes.</summary>
    public const string MlflowTag = "v3.12.0-full";

    /// <summary>Ollama.</summary>
    public const string Ollama = "ollama/ollama";

    /// <summary>Its tag.</summary>
    public const string OllamaTag = "0.12.0";

    /// <summary>Redpanda: Kafka's protocol, with a REST proxy built in.</summary>
    public const string Redpanda = "redpandadata/redpanda";

    /// <summary>Its tag.</summary>
    public const string RedpandaTag = "v25.2.1";
}
