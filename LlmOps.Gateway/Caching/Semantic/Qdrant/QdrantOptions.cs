using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>Where Qdrant is, and how long the gateway waits for it. Read at start only.</summary>
internal sealed record QdrantOptions
{
    /// <summary>Its REST API, such as http://localhost:6333. Unset: ConnectionStrings:qdrant (an address, or Endpoint=…;Key=…), else there is no Qdrant and questions are kept in this process. Read at start only, as all settings of Qdrant.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Its API key; unset: ConnectionStrings:qdrant's, else none.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>Begin of its collections' names: one for each embedding model. Gateways that name the same share their answers.</summary>
    [RegularExpression("^[A-Za-z0-9_-]{1,64}$", ErrorMessage = "is no name; expected up to 64 letters, digits, _ and -")]
    public string CollectionPrefix { get; set; } = "llmops";

    /// <summary>Longest wait for the nearest questions; then the gateway goes on without. What is kept may take ten times as long: nobody waits for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMilliseconds(200);
}
