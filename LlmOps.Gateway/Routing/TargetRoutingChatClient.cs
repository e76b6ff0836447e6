using System.Runtime.CompilerServices;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>Sends the request to a target of its model, and to others while that fails. Innermost stage; the named providers lie behind it.</summary>
internal sealed class TargetRoutingChatClient(RetryBudget retries, TimeProvider time) : IChatClient
{
    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var run = Begin(options, streaming: false, cancellationToken);
        if (run.Hedges)
        {
            return await HedgedAsync(run, messages);
        }

        while (true)
        {
            using var attempt = await run.NextAsync();
            try
            {
                attempt.BeginSpan();
                var response = await attempt.Target.Client.GetResponseAsync(messages, run.OptionsOf(attempt), attempt.Limits.Token);
                attempt.Succeeded(response);
                return response;
            }
            catch (Exception exception)
            {
                run.GoOnAfter(attempt, exception);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var run = Begin(options, streaming: true, cancellationToken);
        await using var stream = await (run.Hedges ? OpenHedgedAsync(run, messages) : OpenAsync(run, messages));
        run.Request.TimeToFirstChunk = time.GetElapsedTime(run.Request.StartedAt);
        while (await stream.MoveNextAsync())
        {
            yield return stream.Current;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Clients belong to the configuration snapshot; requests of an older one may still use them.
    }

    // Until the first content the caller has seen nothing: a failure may still lead to another attempt.
    private static async Task<AttemptStream> OpenAsync(RouteRun run, IEnumerable<ChatMessage> messages)
    {
        while (true)
        {
            var attempt = await run.NextAsync();
            var stream = new AttemptStream(attempt);
            try
            {
                await stream.OpenAsync(messages, run.OptionsOf(attempt));
                return stream;
            }
            catch (Exception exception)
            {
                try
                {
                    run.GoOnAfter(attempt, exception);
                }
                finally
                {
                    await stream.DisposeAsync();
                }
            }
        }
    }

    private async Task<ChatResponse> HedgedAsync(RouteRun run, IEnumerable<ChatMessage> messages)
    {
        var asked = run.Shared(messages);
        await using var answer = await new HedgedCall<AttemptAnswer>(run, time, attempt =>
        {
            var answer = new AttemptAnswer(attempt);
            return (answer, answer.OpenAsync(asked, run.OptionsOf(attempt)));
        }).FirstAsync();
        return answer.Response!;
    }

    private Task<AttemptStream> OpenHedgedAsync(RouteRun run, IEnumerable<ChatMessage> messages)
    {
        var asked = run.Shared(messages);
        return new HedgedCall<AttemptStream>(run, time, attempt =>
        {
            var stream = new AttemptStream(attempt);
            return (stream, stream.OpenAsync(asked, run.OptionsOf(attempt)));
        }).FirstAsync();
    }

    private RouteRun Begin(ChatOptions? options, bool streaming, CancellationToken cancellationToken) =>
        new(GatewayChatOptions.Of(options), streaming, retries, time, cancellationToken);
}
