using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.Tei;

/// <summary>
/// Text Embeddings Inference's errors: <c>{"error":"text","error_type":"Validation"}</c>, at its OpenAI-compatible routes
/// <c>{"message","type","code"}</c>, and without a body where it does not accept the key.
/// </summary>
internal sealed class TeiErrors(string provider, ProviderKeys keys, TimeProvider time) : ProviderErrors(provider, keys, time)
{
    /// <inheritdoc/>
    protected override ProviderFault Describe(int status, JsonElement root)
    {
        var message = WireJson.Text(root, "error") ?? WireJson.Text(root, "message");
        var type = WireJson.Text(root, "error_type") ?? WireJson.Text(root, "type");
        return new ProviderFault(message, type) { Error = Recognise(type, message ?? "") };
    }

    // The published description has the types in lower case.
    private static ErrorCode? Recognise(string? type, string message) => type?.ToUpperInvariant() switch
    {
        "VALIDATION" when message.Contains("must have less than", StringComparison.OrdinalIgnoreCase) && message.Contains("tokens", StringComparison.OrdinalIgnoreCase) => ErrorCode.ContextLengthExceeded,

        // It takes less than it said: that is between the gateway and it.
        "VALIDATION" when message.Contains("batch size", StringComparison.OrdinalIgnoreCase) => ErrorCode.ProviderError,
        "VALIDATION" or "TOKENIZER" or "EMPTY" => ErrorCode.InvalidRequest,
        "OVERLOADED" or "UNHEALTHY" => ErrorCode.ProviderOverloaded,
        "BACKEND" => ErrorCode.ProviderError,
        _ => null,
    };
}
