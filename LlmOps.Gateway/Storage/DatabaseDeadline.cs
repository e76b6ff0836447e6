namespace LlmOps.Gateway.Storage;

/// <summary>Ends the wait for a call, not the call: a connection on which a call is running is nobody else's until it ends.</summary>
internal static class DatabaseDeadline
{
    /// <summary>Waits for a call.</summary>
    /// <exception cref="DatabaseException">It has not ended in time.</exception>
    public static async Task<T> WithinAsync<T>(this Task<T> call, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            if (call.IsCompleted)
            {
                return await call;
            }

            Forget(call);
            throw DatabaseException.Deadline(limit, exception);
        }
        catch (OperationCanceledException)
        {
            Forget(call);
            throw;
        }
    }

    // How it ends interests nobody any more, and must not be reported as forgotten.
    private static void Forget(Task call) => _ = call.ContinueWith(
        static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
