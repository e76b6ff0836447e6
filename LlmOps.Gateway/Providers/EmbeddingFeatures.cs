using System.Text.Json;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Providers;

/// <summary>What a request for embeddings in OpenAI's form can ask for at providers that speak another protocol.</summary>
internal static class EmbeddingFeatures
{
    // encoding_format is the gateway's own to answer, and user changes no vector.
    private static readonly string[] Translated = ["model", "input", "dimensions", "encoding_format", "user"];

    /// <summary>Why a target has no place for what is asked: a 400 that names the field; null where it has.</summary>
    /// <param name="target">Where the request is to go. One of the caller's own protocol says itself what it does not take.</param>
    /// <param name="options">What is asked.</param>
    public static GatewayException? Refusal(Target target, GatewayEmbeddingOptions options)
    {
        // What stands in for a model that answers chats may make embeddings; nobody who names that model asks for them.
        var named = options.Request.Route!.Target;
        if ((named.Embeddings is null ? named : target) is { Embeddings: null } other)
        {
            return new GatewayException(
                ErrorCode.InvalidValue,
                $"Model '{other.Model}' of provider '{other.Provider}' makes no embeddings; GET /v1/models lists those that do, with embeddings among their features.",
                "model");
        }

        if (target.ProviderType == ProviderTypes.OpenAI)
        {
            return null;
        }

        if (options.TokensAt is { } tokens)
        {
            return Unsupported(target, tokens, "token ids belong to one model's tokenizer; send texts instead");
        }

        if (target.ProviderType == ProviderTypes.Offline && options.Dimensions is < OfflineEmbeddingGenerator.LeastDimensions or > OfflineEmbeddingGenerator.MostDimensions)
        {
            return Unsupported(target, "dimensions", $"it has {OfflineEmbeddingGenerator.LeastDimensions} to {OfflineEmbeddingGenerator.MostDimensions}");
        }

        return options.Original is { Body.Root: var fields } && Untranslated(fields) is { } unknown
            ? Unsupported(target, Shown.Short(unknown), "its protocol has no counterpart")
            : null;
    }

    private static string? Untranslated(JsonElement fields) =>
        fields.EnumerateObject().Where(field => !Translated.Contains(field.Name) && !RequestSearch.IsNeutral(field.Value)).Select(field => field.Name).FirstOrDefault();

    private static ProviderException Unsupported(Target target, string field, string why) =>
        new(ErrorCode.UnsupportedParameter, target.Provider, $"{field} is not supported by model '{target.Model}' of provider '{target.Provider}': {why}.", field);
}
