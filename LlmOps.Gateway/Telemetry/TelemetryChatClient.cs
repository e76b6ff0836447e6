using System.Runtime.CompilerServices;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry;

/// <summary>Takes in what is asked and what the caller is answered, where that is captured. Its span, metrics and record are the endpoint's: what never comes here has them too.</summary>
internal sealed class TelemetryChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Capture(messages, options) is { } content ? AnswerAsync(content, messages, options, cancellationToken) : base.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Capture(messages, options) is { } content ? StreamAsync(content, messages, options, cancellationToken) : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    private static ContentCapture? Capture(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var request = GatewayChatOptions.Of(options).Request;
        return request.Content = ContentCapture.Of(request, messages);
    }

    private async Task<ChatResponse> AnswerAsync(ContentCapture content, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var message in response.Messages)
        {
            content.Answer.Add(message.Contents);
        }

        return response;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ContentCapture content, IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).WithCancellation(cancellationToken))
        {
            content.Answer.Add(update.Contents);
            yield return update;
        }
    }
}
