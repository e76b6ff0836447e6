namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>A request with an idempotency key that this process is answering, for those that come with the same key meanwhile.</summary>
/// <param name="fingerprint">What it asks for.</param>
internal sealed class InFlightCall(string fingerprint)
{
    private readonly TaskCompletionSource<IdempotentAnswer?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it asks for.</summary>
    public string Fingerprint => fingerprint;

    /// <summary>Its answer, when it is over; null where it failed, or its answer was too large to be kept.</summary>
    public Task<IdempotentAnswer?> Answer => _answer.Task;

    /// <summary>It is over.</summary>
    public void End(IdempotentAnswer? answer) => _answer.TrySetResult(answer);
}
