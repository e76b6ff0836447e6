using System.Threading.Channels;

namespace LlmOps.Tests.Fakes;

/// <summary>What a server has seen so far, safe for any thread; each change wakes the waiting tests.</summary>
internal sealed class ServerLog
{
    private readonly Lock _lock = new();
    private readonly List<ReceivedRequest> _requests = [];
    private readonly List<Exception> _faults = [];
    private readonly Channel<ReceivedRequest> _untaken = Channel.CreateUnbounded<ReceivedRequest>();
    private TaskCompletionSource _changed = NewSignal();
    private int _accepted;
    private int _open;

    public IReadOnlyList<ReceivedRequest> Requests => Read(() => _requests.ToArray());

    public IReadOnlyList<Exception> Faults => Read(() => _faults.ToArray());

    public int AcceptedConnections => Read(() => _accepted);

    public int OpenConnections => Read(() => _open);

    /// <summary>Notes a new connection and gives it its number.</summary>
    public int ConnectionAccepted() => Change(() =>
    {
        _open++;
        return ++_accepted;
    });

    public void ConnectionEnded() => Change(() => --_open);

    public void Received(ReceivedRequest request) => Change(() =>
    {
        _requests.Add(request);
        return _untaken.Writer.TryWrite(request);
    });

    public void Failed(Exception fault) => Change(() =>
    {
        _faults.Add(fault);
        return true;
    });

    /// <summary>The oldest request that no earlier call has returned.</summary>
    public Task<ReceivedRequest> TakeRequestAsync() =>
        _untaken.Reader.ReadAsync().AsTask().WithinDeadlineAsync("the next request");

    /// <summary>Waits until the condition holds, looking anew after each change.</summary>
    public async Task WaitForAsync(Func<bool> condition, string what)
    {
        using CancellationTokenSource stop = new();
        Task wait = LoopAsync();
        try
        {
            await wait.WithinDeadlineAsync(what);
        }
        finally
        {
            await stop.CancelAsync();
        }

        async Task LoopAsync()
        {
            while (true)
            {
                // Taken before the look: a change in between completes it, so no wake-up is lost.
                Task changed = Read(() => _changed.Task);
                if (condition())
                    return;
                await changed.WaitAsync(stop.Token);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }

    private T Change<T>(Func<T> change)
    {
        lock (_lock)
        {
            T result = change();
            _changed.SetResult();
            _changed = NewSignal();
            return result;
        }
    }
}
