using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// A minimal HTTP/1.1 server over a raw socket on 127.0.0.1, which gives a test control of every byte and of the
/// connection, and remembers what it received.
/// </summary>
/// <remarks>It listens as soon as it is built. After its disposal the address refuses connections.</remarks>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ServerLog _log = new();
    private readonly ConcurrentQueue<FakeReply> _queue = new();
    private readonly ConcurrentDictionary<FakeConnection, Task> _connections = new();
    private readonly Task _accepting;
    private volatile Func<ReceivedRequest, FakeReply> _handler;
    private volatile AcceptMode _accept;

    /// <summary>Starts listening. Without a handler every request must find a queued reply.</summary>
    public FakeServer(Func<ReceivedRequest, FakeReply>? handler = null)
    {
        _handler = handler
            ?? (request => throw new InvalidOperationException($"No reply is queued for {request.Method} {request.Path}."));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        BaseAddress = new Uri($"http://{_listener.LocalEndPoint}/");
        _accepting = Task.Run(AcceptAsync);
    }

    public Uri BaseAddress { get; }

    /// <summary>Replies to the requests that find the queue empty; called from several connections at once. It may be replaced at any time.</summary>
    public Func<ReceivedRequest, FakeReply> Handler
    {
        get => _handler;
        set => _handler = value;
    }

    /// <summary>What happens to the connections accepted from now on.</summary>
    public AcceptMode Accept
    {
        get => _accept;
        set => _accept = value;
    }

    /// <summary>All requests so far, in order of their arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => _log.Requests;

    /// <summary>What went wrong on our side or in the client's HTTP: handlers and scripts that threw, malformed requests.</summary>
    public IReadOnlyList<Exception> Faults => _log.Faults;

    public int AcceptedConnections => _log.AcceptedConnections;

    /// <summary>The connections that neither the client has closed nor the server dropped.</summary>
    public int OpenConnections => _log.OpenConnections;

    /// <summary>Queues replies, each for one request, ahead of the handler.</summary>
    public FakeServer Enqueue(params FakeReply[] replies)
    {
        foreach (FakeReply reply in replies)
            _queue.Enqueue(reply);
        return this;
    }

    /// <summary>Waits for the oldest request that no earlier call has returned.</summary>
    public Task<ReceivedRequest> NextRequestAsync() => _log.TakeRequestAsync();

    /// <summary>Waits until a condition on this server's state holds; it is looked at whenever that state changes.</summary>
    public Task WaitForAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        _log.WaitForAsync(condition, what);

    /// <summary>Sends FIN on every open connection, idle or in the middle of a reply.</summary>
    public void CloseConnections()
    {
        foreach (FakeConnection connection in _connections.Keys)
            connection.Close();
    }

    /// <summary>Sends RST on every open connection, idle or in the middle of a reply.</summary>
    public void ResetConnections()
    {
        foreach (FakeConnection connection in _connections.Keys)
            connection.Reset();
    }

    /// <summary>Stops listening and drops all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Task[] running = [.. _connections.Values];
        foreach (FakeConnection connection in _connections.Keys)
            connection.Dispose();
        await Task.WhenAll(running).WithinDeadlineAsync("the fake server's connections to end");
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                Serve(await _listener.AcceptAsync());
        }
        catch (Exception gone) when (FakeConnection.IsGone(gone))
        {
            // Disposed.
        }
    }

    private void Serve(Socket socket)
    {
        socket.NoDelay = true;
        AcceptMode mode = _accept;
        FakeConnection connection = new(socket, _log.ConnectionAccepted(), _log, Respond);
        TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = RunAsync();
        registered.SetResult();

        async Task RunAsync()
        {
            // The connection must be listed before its run can take it off the list.
            await registered.Task;
            await connection.RunAsync(mode);
            _connections.TryRemove(connection, out _);
        }
    }

    private FakeReply Respond(ReceivedRequest request) => _queue.TryDequeue(out FakeReply? reply) ? reply : _handler(request);
}
