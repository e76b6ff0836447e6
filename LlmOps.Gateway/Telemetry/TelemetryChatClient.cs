using System.Runtime.CompilerServices;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry.Judge;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry;

/// <summary>
/// Takes in what is asked and what the caller is answered, where that is captured or judged. The request's span, metrics and record are the
/// endpoint's: what never comes here has them too.
/// </summary>
internal sealed class TelemetryChatClient(IChatClient innerClient, OnlineJudge judge) : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Listen(messages, options) is { } heard ? AnswerAsync(heard, messages, options, cancellationToken) : base.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Listen(messages, options) is { } heard ? StreamAsync(heard, messages, options, cancellationToken) : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    // What is told, and what is judged, of which each may be nothing; null where both are.
    private static Heard? Listen(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var request = GatewayChatOptions.Of(options).Request;
        request.Content = ContentCapture.Of(request, messages);
        var judged = OnlineJudge.Sample(request, messages);
        return request.Content is null && judged is null ? null : new Heard(request, request.Content, judged);
    }

    private async Task<ChatResponse> AnswerAsync(Heard heard, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var message in response.Messages)
        {
            heard.Add(message.Contents);
        }

        heard.Complete(judge);
        return response;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        Heard heard, IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).WithCancellation(cancellationToken))
        {
            heard.Add(update.Contents);
            yield return update;
        }

        heard.Complete(judge);
    }

    private sealed record Heard(GatewayRequest Request, ContentCapture? Told, ContentCapture? Judged)
    {
        public void Add(IList<AIContent> contents)
        {
            Told?.Answer.Add(contents);
            Judged?.Answer.Add(contents);
        }

        public void Complete(OnlineJudge judge)
        {
            if (Judged is not null)
            {
                judge.Offer(Request, Judged);
            }
        }
    }
}
