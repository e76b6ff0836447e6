using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>The whole answer of one attempt, beside which another may run.</summary>
internal sealed class AttemptAnswer(Attempt attempt) : IAsyncDisposable
{
    /// <summary>The answer; null before it is there.</summary>
    public ChatResponse? Response { get; private set; }

    /// <summary>Makes the call, and waits for its answer.</summary>
    public async Task OpenAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options)
    {
        attempt.BeginSpan();
        Response = await attempt.Target.Client.GetResponseAsync(messages, options, attempt.Limits.Token);
        attempt.Succeeded(Response);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        attempt.Dispose();
        return ValueTask.CompletedTask;
    }
}
