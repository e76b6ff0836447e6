using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>Anthropic's errors: <c>{"type":"error","error":{"type":"overloaded_error","message"}}</c>, as a body or as an event.</summary>
internal sealed class AnthropicErrors(string provider, ProviderKeys keys, TimeProvider time) : ProviderErrors(provider, keys, time)
{
    /// <inheritdoc/>
    protected override ProviderFault Describe(int status, JsonElement root)
    {
        var error = WireJson.Member(root, "error");
        var message = WireJson.Text(error, "message");
        return new ProviderFault(message, WireJson.Text(error, "type"))
        {
            // All of them are told as an invalid request.
            Error = message switch
            {
                not null when message.Contains("prompt is too long", StringComparison.OrdinalIgnoreCase)
                    || message.Contains("exceed context limit", StringComparison.OrdinalIgnoreCase) => ErrorCode.ContextLengthExceeded,
                not null when message.Contains("credit balance is too low", StringComparison.OrdinalIgnoreCase) => ErrorCode.InsufficientQuota,
                _ => null,
            },
        };
    }
}
