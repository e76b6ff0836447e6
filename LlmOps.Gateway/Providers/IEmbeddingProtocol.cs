using System.Net.Http.Headers;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>One provider's embeddings API: what is sent, and how the answer is understood. <see cref="ProviderEmbeddingGenerator"/> does the HTTP around it.</summary>
internal interface IEmbeddingProtocol
{
    /// <summary>How this provider tells failures.</summary>
    ProviderErrors Errors { get; }

    /// <summary>What must be known before texts are sent.</summary>
    /// <exception cref="Errors.ProviderException">The server had to be asked, and failed.</exception>
    ValueTask<EmbeddingService> ServiceAsync(GatewayEmbeddingOptions options, CancellationToken cancellationToken) => ValueTask.FromResult(EmbeddingService.Any);

    /// <summary>A call failed: what was known of the server may no longer be so.</summary>
    void Forget()
    {
    }

    /// <summary>The request, with its key and without what HTTP itself needs.</summary>
    /// <param name="texts">At most as many as the service takes; none where the caller's token ids go out as they came.</param>
    /// <param name="options">What is asked besides.</param>
    HttpRequestMessage Request(IReadOnlyList<string> texts, GatewayEmbeddingOptions options);

    /// <summary>The vectors of an answer.</summary>
    /// <param name="json">The body.</param>
    /// <param name="headers">The response's headers.</param>
    /// <param name="options">What was asked.</param>
    /// <exception cref="Errors.ProviderException">It tells a failure, or is not an answer.</exception>
    EmbeddingAnswer Read(ReadOnlyMemory<byte> json, HttpResponseHeaders headers, GatewayEmbeddingOptions options);
}

/// <summary>Who makes the vectors.</summary>
/// <param name="MostTexts">Most texts of one request.</param>
/// <param name="Model">The model and its version, where the answers do not say.</param>
internal sealed record EmbeddingService(int MostTexts, string? Model = null)
{
    /// <summary>One that takes whatever it is sent.</summary>
    public static EmbeddingService Any { get; } = new(int.MaxValue);
}

/// <summary>The answer to one request for embeddings.</summary>
/// <param name="Vectors">The vectors, in the order of what was asked; each of finite numbers.</param>
internal sealed record EmbeddingAnswer(IReadOnlyList<float[]> Vectors)
{
    /// <summary>The model that answered; null where it does not say.</summary>
    public string? Model { get; init; }

    /// <summary>Tokens as the provider counted them; null where it does not say.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>The provider's bytes, where they are the caller's protocol.</summary>
    public WirePayload? Payload { get; init; }
}
