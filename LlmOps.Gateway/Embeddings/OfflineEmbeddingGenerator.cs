using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Embeddings;

/// <summary>Makes embeddings without a network and without a learned model, and says so.</summary>
internal sealed class OfflineEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Shortest vectors it makes.</summary>
    public const int LeastDimensions = 16;

    /// <summary>Longest vectors it makes.</summary>
    public const int MostDimensions = 4096;

    /// <summary>What identifies its vectors. The number goes up whenever the same text gets another vector.</summary>
    public const string Space = OfflineEmbedding.ModelName + "@1";

    /// <summary>The system_fingerprint of everything it answers, so that nobody takes it for a learned model.</summary>
    public const string SystemFingerprint = "offline-not-a-learned-model";

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var answer = new GeneratedEmbeddings<Embedding<float>>();
        var tokens = 0L;
        foreach (var text in values)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return Task.FromCanceled<GeneratedEmbeddings<Embedding<float>>>(cancellationToken);
            }

            var vector = new float[options?.Dimensions ?? OfflineEmbedding.DefaultDimensions];
            OfflineEmbedding.Embed(text, vector);
            answer.Add(new Embedding<float>(vector) { ModelId = OfflineEmbedding.ModelName });
            tokens += OfflineTokenizer.Count(text);
        }

        answer.Usage = EmbeddingReader.UsageOf(tokens);
        answer.AdditionalProperties = new() { [MessageProperties.SystemFingerprint] = SystemFingerprint };
        return Task.FromResult(answer);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
