using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Redis;

/// <summary>
/// A server over a raw socket that answers each command with the bytes a test says, so that it can be slow, confused or
/// silent. It logs in everyone over RESP3, unless the test says otherwise.
/// </summary>
internal sealed class FakeRedis : IAsyncDisposable
{
    private const string Hello = "%3\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly Task _accepting;

    /// <summary>Listens.</summary>
    /// <param name="answer">What a command is answered with: nothing for an empty text; null for the usual.</param>
    public FakeRedis(Func<string[], string?>? answer = null)
        : this((command, _) => Task.FromResult(answer?.Invoke(command)))
    {
    }

    /// <summary>Listens.</summary>
    /// <param name="answer">The same, when the test lets it; further bytes it may send by itself.</param>
    public FakeRedis(Func<string[], Func<byte[], Task>, Task<string?>> answer)
    {
        _listener.Start();
        _accepting = AcceptAsync(answer);
    }

    /// <summary>Where it listens, as <c>host:port</c>.</summary>
    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>All commands so far but heartbeats, each as one text.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Connections so far.</summary>
    public int Accepted => _accepted;

    private int _accepted;

    /// <summary>Closes all connections; new ones are taken.</summary>
    public void Disconnect()
    {
        foreach (var socket in _connections.Keys)
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        Disconnect();
        await Task.WhenAll(_connections.Values).WithinDeadlineAsync("the fake's connections to end");
    }

    private async Task AcceptAsync(Func<string[], Func<byte[], Task>, Task<string?>> answer)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                socket.NoDelay = true;
                Interlocked.Increment(ref _accepted);
                _connections[socket] = Task.Run(() => ServeAsync(socket, answer));
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket, Func<string[], Func<byte[], Task>, Task<string?>> answer)
    {
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            while (await ReadCommandAsync(reader) is { } command)
            {
                if (command[0] != "PING")
                {
                    Commands.Enqueue(string.Join(' ', command));
                }

                var reply = await answer(command, async bytes => await stream.WriteAsync(bytes))
                    ?? command[0] switch { "HELLO" => Hello, "PING" => "+PONG\r\n", "ECHO" => $"${command[1].Length}\r\n{command[1]}\r\n", _ => "+OK\r\n" };
                await stream.WriteAsync(Encoding.Latin1.GetBytes(reply));
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            // The client left, or was left.
        }
    }

    private static async Task<string[]?> ReadCommandAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync() is not { } head)
        {
            return null;
        }

        var command = new string[Number(head)];
        for (var index = 0; index < command.Length; index++)
        {
            var text = new char[Number((await reader.ReadLineAsync())!) + 2];
            await reader.ReadBlockAsync(text);
            command[index] = new string(text, 0, text.Length - 2);
        }

        return command;
    }

    private static int Number(string line) => int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
}
