using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>
/// A way to a server on loopback that can be made slow, or closed, while it is used. Who measures what that does goes this way
/// from the start, so that nothing else changes.
/// </summary>
internal sealed class DelayedLine : IDisposable
{
    private const int Most = 64 * 1024;
    private const int Backlog = 128;

    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _open = [];
    private readonly int _server;
    private Socket? _listener;
    private long _delay;

    /// <param name="server">The port that it leads to.</param>
    public DelayedLine(int server)
    {
        _server = server;
        Open();
    }

    /// <summary>Where it begins.</summary>
    public int Port { get; } = Ports.Take();

    /// <summary>How much later everything arrives, in either direction; what is on its way keeps its time.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delay));
        set => Volatile.Write(ref _delay, value.Ticks);
    }

    /// <summary>Accepts connections again.</summary>
    public void Open()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen(Backlog);
        _listener = listener;
        _ = AcceptAsync(listener);
    }

    /// <summary>Refuses connections and breaks those that are open, as where no server listens any more.</summary>
    public void Close()
    {
        _listener?.Dispose();
        lock (_lock)
        {
            foreach (var socket in _open)
            {
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                _ = LeadAsync(await listener.AcceptAsync());
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return; // It was closed.
            }
        }
    }

    private async Task LeadAsync(Socket caller)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        caller.NoDelay = true;
        lock (_lock)
        {
            _open.UnionWith([caller, server]);
        }

        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server);
            await Task.WhenAny(PassAsync(caller, server), PassAsync(server, caller));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The server refuses, so the caller is refused below.
        }

        lock (_lock)
        {
            _open.ExceptWith([caller, server]);
        }

        caller.Dispose();
        server.Dispose();
    }

    // Ends when the one end takes nothing more, or the other gives nothing more and all that it gave has arrived.
    private Task PassAsync(Socket from, Socket to)
    {
        var onTheWay = Channel.CreateUnbounded<(long Due, byte[] Bytes)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        _ = ReceiveAsync(from, onTheWay.Writer);
        return SendAsync(to, onTheWay.Reader);
    }

    private async Task ReceiveAsync(Socket from, ChannelWriter<(long Due, byte[] Bytes)> onTheWay)
    {
        try
        {
            var buffer = new byte[Most];
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                var due = Stopwatch.GetTimestamp() + (long)(Delay.TotalSeconds * Stopwatch.Frequency);
                onTheWay.TryWrite((due, buffer.AsSpan(0, length).ToArray()));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The same as its end.
        }

        onTheWay.Complete();
    }

    private static async Task SendAsync(Socket to, ChannelReader<(long Due, byte[] Bytes)> onTheWay)
    {
        try
        {
            await foreach (var (due, bytes) in onTheWay.ReadAllAsync())
            {
                while (due - Stopwatch.GetTimestamp() is > 0 and var left)
                {
                    // It may end a little early.
                    await Task.Delay(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency) + TimeSpan.FromMilliseconds(1));
                }

                for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty;)
                {
                    rest = rest[await to.SendAsync(rest)..];
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The same as its end.
        }
    }
}
