using System.Diagnostics.CodeAnalysis;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>The options that travel with texts to embed: the request's facts and its original bytes go with them, typed.</summary>
internal sealed class GatewayEmbeddingOptions : EmbeddingGenerationOptions, IRoutedCall
{
    public GatewayEmbeddingOptions()
    {
    }

    [SetsRequiredMembers]
    private GatewayEmbeddingOptions(GatewayEmbeddingOptions other)
        : base(other)
    {
        Request = other.Request;
        InputCount = other.InputCount;
        Original = other.Original;
        TokensAt = other.TokensAt;
        Attempt = other.Attempt;
    }

    /// <inheritdoc/>
    public required GatewayRequest Request { get; init; }

    /// <inheritdoc/>
    public string Operation => TelemetryNames.Embeddings;

    /// <summary>The caller's bytes; null where the gateway itself asks.</summary>
    public OriginalRequest? Original { get; init; }

    /// <summary>How many vectors are asked for: those of the texts or, where the caller gives token ids, of these.</summary>
    public required int InputCount { get; init; }

    /// <summary>The path of the first token ids that the caller gives in place of texts; null where all are texts.</summary>
    public string? TokensAt { get; init; }

    /// <summary>The call to a provider that is being made; null before there is one.</summary>
    public Attempt? Attempt { get; set; }

    /// <inheritdoc/>
    public GatewayException? Refusal(Target target) => Request.PriceRefusal(target) ?? EmbeddingFeatures.Refusal(target, this);

    /// <inheritdoc/>
    public override EmbeddingGenerationOptions Clone() => new GatewayEmbeddingOptions(this);

    /// <summary>The gateway's options, which every call carries.</summary>
    /// <exception cref="ArgumentException">The call came from elsewhere.</exception>
    public static GatewayEmbeddingOptions Of(EmbeddingGenerationOptions? options) =>
        options as GatewayEmbeddingOptions
        ?? throw new ArgumentException("Calls for embeddings carry GatewayEmbeddingOptions.", nameof(options));
}
