namespace LlmOps.Gateway.Pipeline;

/// <summary>Names under which contents, answers and options carry what Microsoft.Extensions.AI has no property for.</summary>
internal static class MessageProperties
{
    /// <summary>OpenAI's <c>image_url.detail</c>: auto, low or high.</summary>
    public const string ImageDetail = "detail";

    /// <summary>Anthropic's <c>cache_control</c> on a content, as JSON.</summary>
    public const string CacheControl = "cache_control";

    /// <summary>Gemini's <c>thoughtSignature</c> of a tool call, which it wants back unchanged.</summary>
    public const string ThoughtSignature = "thought_signature";

    /// <summary>On an answer: what identifies the system that gave it.</summary>
    public const string SystemFingerprint = "system_fingerprint";

    /// <summary>On an answer: the provider's own word for why it ended.</summary>
    public const string NativeFinishReason = "native_finish_reason";

    /// <summary>On an answer: the provider's service tier, which may have prices of its own.</summary>
    public const string ServiceTier = "service_tier";

    /// <summary>On embeddings: the provider's own bytes, a <see cref="WirePayload"/>, where they are the caller's protocol.</summary>
    public const string Payload = "payload";
}
