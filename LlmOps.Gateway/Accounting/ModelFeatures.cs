namespace LlmOps.Gateway.Accounting;

/// <summary>Words for what a model can do, in the catalogue and in GET /v1/models.</summary>
internal static class ModelFeatures
{
    public const string Images = "images";
    public const string Audio = "audio";
    public const string Files = "files";
    public const string Tools = "tools";
    public const string JsonSchema = "json_schema";
    public const string Reasoning = "reasoning";
    public const string WebSearch = "web_search";
    public const string Logprobs = "logprobs";

    /// <summary>The model makes embeddings, and answers no chats.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>The model samples as it likes: temperature, top_p and top_k are refused.</summary>
    public const string FixedSampling = "fixed_sampling";
}
