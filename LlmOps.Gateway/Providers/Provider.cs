using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>A provider as the configuration makes it.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Type">Its protocol, one of <see cref="ProviderTypes"/>; empty where the configuration is faulty.</param>
/// <param name="Client">Answers chats; null where it cannot, or is not configured.</param>
/// <param name="Missing">What to set to have it; null while it is configured.</param>
/// <param name="DefaultModel">The model that stands for it where a request names none; null if it has none.</param>
internal sealed record Provider(string Name, string Type, IChatClient? Client, string? Missing, string? DefaultModel)
{
    /// <summary>Makes embeddings; null where it cannot, or is not configured.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; init; }

    /// <summary>The root of its API; null where it has none.</summary>
    public Uri? Address { get; init; }

    /// <summary>Whether it can be asked.</summary>
    public bool IsConfigured => Missing is null;

    /// <summary>What it is called with; of a provider without a key, one key without a value.</summary>
    public ProviderKeys Keys { get; init; } = new(null, TimeProvider.System);

    /// <summary>The same provider as it is called with a key that a caller brings: configured, and apart from the gateway's own keys and account. Null where callers bring none.</summary>
    public Func<Secret, Provider>? ForCaller { get; init; }

    /// <summary>The models it has on its disk; null for providers that cannot be asked.</summary>
    public IModelSource? Models { get; init; }

    /// <summary>Whether one of its models is for embeddings, and not for chats; null where that is not known.</summary>
    /// <param name="model">Its name for the model.</param>
    /// <param name="facts">What is known of it; null for nothing.</param>
    public bool? Embeds(string model, ModelFacts? facts) => Type == ProviderTypes.Offline
        ? model.Equals(OfflineEmbedding.ModelName, StringComparison.OrdinalIgnoreCase)
        : facts?.Features?.Contains(ModelFeatures.Embeddings);

    /// <summary>Where its prices come from, for a model that the catalogue knows or does not.</summary>
    public PriceSource PriceSource(ModelFacts? facts) => Type is ProviderTypes.Ollama or ProviderTypes.Tei or ProviderTypes.Offline
        ? Accounting.PriceSource.Free
        : KnownProviders.All.Any(known => known.ReportsCost && known.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            ? Accounting.PriceSource.Reported
            : facts?.HasPrice == true ? Accounting.PriceSource.Listed : Accounting.PriceSource.Unpriced;
}

/// <summary>Tells which models a provider has now.</summary>
internal interface IModelSource
{
    /// <summary>Their names, as the provider writes them; null when it does not answer in time.</summary>
    Task<IReadOnlyList<string>?> ListAsync(CancellationToken cancellationToken);
}
