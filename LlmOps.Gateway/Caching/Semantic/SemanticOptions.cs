using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Caching.Semantic.Qdrant;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>Whether a question is given the answer of another one that asks the same in other words.</summary>
internal sealed class SemanticOptions
{
    /// <summary>Off; Shadow: nothing is given, but what would have been is compared with the fresh answer (GET /cache/stats); On.</summary>
    public SemanticMode Mode { get; set; }

    /// <summary>Who must consent beside the similarity. Words: the same words but for those that say nothing, in English (in other languages, the same words); Judge: a model decides; None: nobody, and wrong answers are given.</summary>
    public SemanticVerification Verifier { get; set; }

    /// <summary>Least similarity (cosine) of two questions, 0 to 1. Unset: 0.75 with the built-in embedding, 0.8 with others.</summary>
    [Range(0.0, 1.0)]
    public float? Threshold { get; set; }

    /// <summary>Longest question, in characters; longer ones are not looked up.</summary>
    [Range(1, 4000)]
    public int MaxQuestionLength { get; set; } = 500;

    /// <summary>How many of the nearest questions the verifier is shown, until it consents.</summary>
    [Range(1, 100)]
    public int MaxCandidates { get; set; } = 5;

    /// <summary>The model of the verifier Judge, as callers name it. Its calls are part of the request's cost.</summary>
    public string? JudgeModel { get; set; }

    /// <summary>Longest time the judge may take; without its answer there is no consent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan JudgeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Questions that are kept where there is no Qdrant; the oldest make way. Read at start only.</summary>
    [Range(0, 10_000_000)]
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>Memory for them, in bytes: vectors, questions and answers. Read at start only.</summary>
    [Range(typeof(long), "0", "1099511627776")]
    public long MaxBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>Where Qdrant is, which keeps them for all replicas.</summary>
    public QdrantOptions Qdrant { get; set; } = new();

    /// <summary>Whether what is read at the start only has changed.</summary>
    public bool NeedsRestart(SemanticOptions other) =>
        (MaxEntries, MaxBytes, Qdrant.ApiKey?.Reveal()) != (other.MaxEntries, other.MaxBytes, other.Qdrant.ApiKey?.Reveal())
        || Qdrant with { ApiKey = null } != other.Qdrant with { ApiKey = null };
}

/// <summary>What the semantic cache does.</summary>
internal enum SemanticMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>It looks, and compares what it would have given, but gives nothing.</summary>
    Shadow,

    /// <summary>It gives answers.</summary>
    On,
}

/// <summary>Who must consent before an answer is given to another question.</summary>
internal enum SemanticVerification
{
    /// <summary>A comparison of the words.</summary>
    Words,

    /// <summary>A model.</summary>
    Judge,

    /// <summary>Nobody.</summary>
    None,
}
