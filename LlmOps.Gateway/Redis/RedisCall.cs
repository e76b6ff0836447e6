namespace LlmOps.Gateway.Redis;

/// <summary>
/// A command that was written and whose answer is awaited. It keeps its place among the answers also when its caller has
/// given it up. Callers go on by themselves, never on the thread that reads.
/// </summary>
/// <param name="startedAt">When its caller began to wait, as a timestamp of the clock.</param>
/// <param name="isAwaited">Whether anybody wants the answer.</param>
internal sealed class RedisCall(long startedAt, bool isAwaited) : TaskCompletionSource<RedisReply>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>When its caller began to wait.</summary>
    public long StartedAt => startedAt;

    /// <summary>The call whose answer comes after this one's.</summary>
    public RedisCall? Next { get; set; }

    /// <summary>Ends it without an answer.</summary>
    public void Fail(RedisException failure)
    {
        // An exception that nobody takes would be reported as forgotten.
        if (isAwaited)
        {
            TrySetException(failure);
        }
    }
}
