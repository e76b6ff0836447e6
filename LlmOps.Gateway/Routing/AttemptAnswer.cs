namespace LlmOps.Gateway.Routing;

/// <summary>The whole answer of one attempt, beside which another may run.</summary>
/// <param name="attempt">The attempt.</param>
/// <param name="answer">Ends with its answer.</param>
internal sealed class AttemptAnswer<TAnswer>(Attempt attempt, Task<TAnswer> answer) : IAsyncDisposable
{
    /// <summary>Ends with the answer.</summary>
    public Task<TAnswer> Answer { get; } = answer;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        attempt.Dispose();
        return ValueTask.CompletedTask;
    }
}
