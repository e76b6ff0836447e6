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
            var told = new List<byte>();
            while (!response.IsDone)
            {
                var body = await _connection.ReceiveAsync(cancellationToken);
                if (response.Status != 200)
                {
                    told.AddRange(body.Span);
                }
            }

            CloseUnlessKept();
            return new Answer(response.Status, [.. told]);
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
    public async Task<StreamEnd> StreamAsync(ReadOnlyMemory<byte> request, EventReader events, CancellationToken cancellationToken, int staysFor = int.MaxValue)
    {
        try
        {
            _connection ??= await HttpConnection.OpenAsync(port, cancellationToken);
            events.Begin();
            await _connection.SendAsync(request, cancellationToken);
            var response = _connection.Response;
            while (!response.IsDone)
            {
                events.Read((await _connection.ReceiveAsync(cancellationToken)).Span);
                if (events.Marks >= staysFor)
                {
                    Dispose();
                    return StreamEnd.Left;
                }
            }

            CloseUnlessKept();
            return response.Status != 200 ? StreamEnd.Refused
                : events.IsComplete ? StreamEnd.Complete
                : StreamEnd.FalselyEnded;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            Dispose();
            return events.HasError && !events.HasTerminator ? StreamEnd.Told : events.HasTerminator ? StreamEnd.FalselyEnded : StreamEnd.Broken;
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
