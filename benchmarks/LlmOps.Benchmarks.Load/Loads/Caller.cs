using System.Diagnostics;
using System.Net.Sockets;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>A caller that asks one thing after the other on one connection, and connects anew where that broke.</summary>
internal sealed class Caller(int port) : IDisposable
{
    private HttpConnection? _connection;

    /// <summary>The latest response, as far as it came; null where there was no connection for it.</summary>
    public ResponseParser? Response { get; private set; }

    /// <summary>When the caller last left before the end, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long LeftAt { get; private set; }

    /// <summary>Asks for an answer that is not streamed.</summary>
    public async Task<Answer> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken, bool keepsBody = false)
    {
        try
        {
            await ConnectAsync(cancellationToken);
            await _connection!.SendAsync(request, cancellationToken);
            var response = _connection.Response;
            var kept = new List<byte>();
            while (!response.IsDone)
            {
                var body = await _connection.ReceiveAsync(cancellationToken);
                if (keepsBody || response.Status != 200)
                {
                    kept.AddRange(body.Span);
                }
            }

            CloseUnlessKept();
            return new Answer(response.Status, [.. kept]);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            Dispose();
            return Answer.Broken;
        }
        catch (OperationCanceledException)
        {
            Leave();
            throw;
        }
    }

    /// <summary>Asks for a stream and reads it to its end, or leaves once the events hold as many marks as the caller stays for.</summary>
    /// <returns>How the stream ended, and the answer that it was refused with, if it was.</returns>
    public async Task<(StreamEnd End, Answer? Refusal)> StreamAsync(
        ReadOnlyMemory<byte> request, EventReader events, CancellationToken cancellationToken, int staysFor = int.MaxValue)
    {
        try
        {
            events.Begin();
            if (_connection is null)
            {
                // The time to connect is not the stream's.
                await ConnectAsync(cancellationToken);
                events.Begin();
            }

            await _connection!.SendAsync(request, cancellationToken);
            var response = _connection.Response;
            var refusal = new List<byte>();
            while (!response.IsDone)
            {
                var body = await _connection.ReceiveAsync(cancellationToken);
                if (response.Status == 200)
                {
                    events.Read(body.Span);
                }
                else
                {
                    refusal.AddRange(body.Span);
                }

                if (events.Marks >= staysFor)
                {
                    Leave();
                    return (StreamEnd.Left, null);
                }
            }

            CloseUnlessKept();
            return response.Status != 200 ? (StreamEnd.Refused, new Answer(response.Status, [.. refusal]))
                : (events.IsComplete ? StreamEnd.Complete : StreamEnd.FalselyEnded, null);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            Dispose();
            return (events.HasTerminator ? StreamEnd.FalselyEnded : events.HasError ? StreamEnd.Told : StreamEnd.Broken, null);
        }
        catch (OperationCanceledException)
        {
            Leave();
            throw;
        }
    }

    /// <summary>Closes the connection; the next request opens another.</summary>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is null)
        {
            Response = null;
            _connection = await HttpConnection.OpenAsync(port, cancellationToken);
            Response = _connection.Response;
        }
    }

    private void Leave()
    {
        LeftAt = Stopwatch.GetTimestamp();
        Dispose();
    }

    private void CloseUnlessKept()
    {
        if (!_connection!.Response.KeepsAlive)
        {
            Dispose();
        }
    }
}
