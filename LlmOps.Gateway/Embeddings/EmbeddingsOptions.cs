using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Embeddings;

/// <summary>The embeddings that the gateway itself needs, as for its semantic cache.</summary>
internal sealed class EmbeddingsOptions
{
    /// <summary>The section of these settings.</summary>
    public const string SectionName = "Gateway:Embeddings";

    /// <summary>Address of a Text Embeddings Inference server, such as http://localhost:3000. With it there is the provider tei, and its model tei.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The key that server wants; unset: none.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>The model that the gateway itself uses, as callers name it; of several targets only the first is asked, for the vectors of another model mean something else. Unset: tei where there is an Endpoint, else the built-in offline-embedding.</summary>
    public string? Model { get; set; }

    /// <summary>Longest wait for an embedding that the gateway itself needs; then the request goes on without it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(500);
}
