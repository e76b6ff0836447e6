namespace LlmOps.AppHost;

/// <summary>A part of the graph beside the gateway.</summary>
[Flags]
internal enum Part
{
    /// <summary>The gateway alone.</summary>
    None = 0,

    /// <summary>Redis: the cache, limits and replays that replicas share.</summary>
    Redis = 1,

    /// <summary>PostgreSQL: keys, ledger, traces, labels.</summary>
    Postgres = 2,

    /// <summary>Qdrant: the semantic cache's vectors.</summary>
    Qdrant = 4,

    /// <summary>Text Embeddings Inference: embeddings.</summary>
    Embeddings = 8,

    /// <summary>Langfuse: traces and scores.</summary>
    Langfuse = 16,

    /// <summary>MLflow: runs and traces.</summary>
    Mlflow = 32,

    /// <summary>Ollama: a model of one's own.</summary>
    Ollama = 64,

    /// <summary>The evaluator, which is started by hand.</summary>
    Evaluator = 128,

    /// <summary>Redpanda: events over its REST proxy.</summary>
    Kafka = 256,
}
