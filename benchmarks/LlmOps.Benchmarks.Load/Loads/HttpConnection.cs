using System.Net;
using System.Net.Sockets;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>One connection to a server on loopback, over a bare socket: it costs the machine little, and hides no failure behind a retry.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[32 * 1024];
    private readonly ResponseParser _parser = new();

    private HttpConnection()
    {
    }

    /// <summary>The response that is being read.</summary>
    public ResponseParser Response => _parser;

    /// <summary>Connects.</summary>
    public static async Task<HttpConnection> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        try
        {
            await connection._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request; its response is read next.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        _parser.Reset();
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request, SocketFlags.None, cancellationToken)..];
        }
    }

    /// <summary>Receives once and returns what of it is body.</summary>
    /// <exception cref="IOException">The connection ended before the response did.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None, cancellationToken);
        return received == 0
            ? throw new IOException("The connection ended before the response did.")
            : _buffer.AsMemory(0, _parser.Parse(_buffer.AsSpan(0, received)));
    }

    /// <summary>Closes.</summary>
    public void Dispose() => _socket.Dispose();
}
