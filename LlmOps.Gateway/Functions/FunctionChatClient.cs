using System.Runtime.CompilerServices;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// Offers the model the gateway's own tools, carries out the calls that it makes to them, and asks it again with their results.
/// A request without such tools goes through as it is.
/// </summary>
internal sealed class FunctionChatClient(IChatClient innerClient, ToolServices services, TimeProvider time) : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ToolRounds.Of(messages, GatewayChatOptions.Of(options), services) is { } rounds
            ? AnswerAsync(rounds, cancellationToken)
            : base.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ToolRounds.Of(messages, GatewayChatOptions.Of(options), services) is { } rounds
            ? StreamAsync(rounds, cancellationToken)
            : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    private async Task<ChatResponse> AnswerAsync(ToolRounds rounds, CancellationToken cancellationToken)
    {
        await rounds.BeginAsync(cancellationToken);
        while (true)
        {
            var response = await base.GetResponseAsync(rounds.Messages, rounds.Options, cancellationToken);
            var own = response.RawRepresentation is OpenAIPayload payload ? payload.Json : (ReadOnlyMemory<byte>?)null;
            if (await rounds.TakeAsync(new ModelAnswer(response, own, rounds.Options.Request.Model!), cancellationToken) is { } outgoing)
            {
                return outgoing.Of(response);
            }
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ToolRounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await rounds.BeginAsync(cancellationToken);
        var request = rounds.Options.Request;
        var answer = new StreamedAnswer(request.Model!);
        TimeSpan? begunAfter = null;
        OutgoingAnswer? outgoing;
        do
        {
            answer.Begin(rounds.Before);
            await foreach (var update in base.GetStreamingResponseAsync(rounds.Messages, rounds.Options, cancellationToken).WithCancellation(cancellationToken))
            {
                foreach (var passed in answer.Take(update))
                {
                    // That of a later round is not the answer's first.
                    request.TimeToFirstChunk = begunAfter ??= time.GetElapsedTime(request.StartedAt);
                    yield return passed;
                }
            }

            outgoing = await rounds.TakeAsync(answer.Answer(), cancellationToken);
            foreach (var passed in answer.End(outgoing))
            {
                request.TimeToFirstChunk = begunAfter ??= time.GetElapsedTime(request.StartedAt);
                yield return passed;
            }
        }
        while (outgoing is null);
    }
}
