using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Stands before a provider of another protocol than the caller's: what cannot be said there is a 400 that names the
/// field, never silently dropped.
/// </summary>
internal sealed class TranslationGuard(IChatClient innerClient, string providerType) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatFeatures.Check(providerType, GatewayChatOptions.Of(options));
        return base.GetResponseAsync(messages, options, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatFeatures.Check(providerType, GatewayChatOptions.Of(options));
        return base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }
}
