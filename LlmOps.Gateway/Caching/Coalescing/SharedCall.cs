using System.Diagnostics.CodeAnalysis;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>
/// A call that identical requests share. The one that came first makes it, with its own facts and time, and pays for it; when
/// it leaves, it stays until the others have what they wait for. The call ends when the last one has left. Thread-safe.
/// </summary>
/// <param name="first">The request that came first.</param>
[SuppressMessage("Design", "CA1001", Justification = "The source holds nothing but memory, and who waits may still look at its token.")]
internal abstract class SharedCall(GatewayRequest first)
{
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>The request that came first.</summary>
    public GatewayRequest First => first;

    /// <summary>Cancelled when nobody waits any more: in place of the first one's own.</summary>
    public CancellationToken Token => _abandoned.Token;

    /// <summary>Requests that wait for it.</summary>
    public int Waiting { get; private set; } = 1;

    /// <summary>Held for a moment by whoever changes anything.</summary>
    protected Lock Sync { get; } = new();

    /// <summary>Whether nobody else may join.</summary>
    protected bool IsClosed { get; private set; }

    /// <summary>Requests that have ever waited for it: this only grows, whoever leaves.</summary>
    protected int Joined { get; private set; } = 1;

    /// <summary>Whether the first one no longer waits.</summary>
    protected bool FirstHasLeft { get; private set; }

    /// <summary>Waits with the others; false where it may not: nobody may any more, or it has more time than the call.</summary>
    public bool TryJoin(GatewayRequest request)
    {
        lock (Sync)
        {
            if (IsClosed || request.Timeout > first.Timeout)
            {
                return false;
            }

            Waiting++;
            Joined++;
            return true;
        }
    }

    /// <summary>No longer waits. Returns whether nobody does: the call is then about to end.</summary>
    public bool Leave(GatewayRequest request)
    {
        lock (Sync)
        {
            if (request == first)
            {
                if (FirstHasLeft)
                {
                    return Waiting == 0;
                }

                FirstHasLeft = true;
            }

            if (--Waiting > 0)
            {
                return false;
            }

            IsClosed = true;
        }

        _abandoned.Cancel();
        return true;
    }

    /// <summary>Nobody else may join.</summary>
    protected void Close()
    {
        lock (Sync)
        {
            IsClosed = true;
        }
    }
}

/// <summary>A shared call for a whole answer.</summary>
internal sealed class SharedResponse(GatewayRequest first) : SharedCall(first)
{
    private TaskCompletionSource<ChatResponse>? _response;

    /// <summary>The answer, for one who has joined. Nobody may change it.</summary>
    public Task<ChatResponse> Response
    {
        get
        {
            lock (Sync)
            {
                return (_response ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>It is answered.</summary>
    public void Succeed(ChatResponse response)
    {
        Close();
        Awaited?.TrySetResult(response);
    }

    /// <summary>It has failed.</summary>
    public void Fail(Exception exception)
    {
        Close();
        if (Awaited is { } awaited)
        {
            awaited.TrySetException(exception);

            // Where all have left nobody looks at it.
            _ = awaited.Task.Exception;
        }
    }

    // Null where nobody but the first one waits. One may have joined and not yet looked.
    private TaskCompletionSource<ChatResponse>? Awaited
    {
        get
        {
            lock (Sync)
            {
                return _response is not null || Waiting > (FirstHasLeft ? 0 : 1) ? _response ??= new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            }
        }
    }
}
