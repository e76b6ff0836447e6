using System.Net.Sockets;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>A caller that asks one thing after the other on one connection, and connects anew where that broke.</summary>
internal sealed class Caller(int port) : IDisposable
{
    private HttpConnection? _connection;

    /// <summary>Asks for an answer that is not streamed.</summary>
    public async Task<Answer> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            _connection ??= await HttpConnection.OpenAsync(port, cancellationToken);
            await _connection.SendAsync(request, cancellationToken);
            var response = _connection.Response;
            var refusal = new List<byte>();
            while (!response.IsDone)
            {
                var body = await _connection.ReceiveAsync(cancellationToken);
                if (response.Status != 200)
                {
                    refusal.AddRange(body.Span);
                }
            }

            CloseUnlessKept();
            return new Answer(response.Status, [.. refusal]);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            Dispose();
            return Answer.Broken;
        }
        catch (OperationCanceledException)
        {
            Dispose();
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
                _connection = await HttpConnection.OpenAsync(port, cancellationToken);
                events.Begin();
            }

            await _connection.SendAsync(request, cancellationToken);
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
                    Dispose();
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
            Dispose();
            throw;
        }
    }

    /// <summary>Closes the connection; the next request opens another.</summary>
    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void CloseUnlessKept()
    {
        if (!_connection!.Response.KeepsAlive)
        {
            Dispose();
        }
    }
}
