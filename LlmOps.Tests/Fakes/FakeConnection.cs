using System.IO.Pipelines;
using System.Net.Sockets;

namespace LlmOps.Tests.Fakes;

/// <summary>One accepted connection: a receive that is always pending, and a loop of requests and their replies.</summary>
internal sealed class FakeConnection(Socket socket, int number, ServerLog log, Func<ReceivedRequest, FakeReply> respond)
    : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<ClientClose> _clientClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // No threshold: the receive must never pause, or the client's close would go unnoticed.
    private readonly Pipe _received = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private volatile bool _closed;
    private volatile bool _dropped;

    /// <summary>Cancelled when the connection has ended, whoever ended it.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Serves the connection until it has ended on both sides.</summary>
    public async Task RunAsync(AcceptMode mode)
    {
        if (mode == AcceptMode.Reset)
            Reset();
        else if (mode == AcceptMode.Close)
            Close();

        if (mode == AcceptMode.NeverRead)
            await HoldAsync();
        else
            await Task.WhenAll(ReceiveAsync(), ServeAsync());
        socket.Dispose();
    }

    /// <summary>Sends all of the bytes, in one write as far as the system allows.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, Ended)..];
    }

    /// <summary>Sends FIN and goes on receiving, so that the client is not reset by what it still sends.</summary>
    public void Close()
    {
        _closed = true;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // The client was quicker.
        }
    }

    /// <summary>Sends RST.</summary>
    public void Reset()
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // The client was quicker.
        }
        Dispose();
    }

    /// <summary>Drops the connection; <see cref="RunAsync"/> then ends.</summary>
    public void Dispose()
    {
        _dropped = true;
        socket.Dispose();
        _ended.Cancel();
    }

    /// <summary>Whether the failure only says that the socket is gone.</summary>
    public static bool IsGone(Exception failure) => failure is SocketException or ObjectDisposedException;

    private async Task ReceiveAsync()
    {
        ClientClose? how = null;
        try
        {
            while (await socket.ReceiveAsync(_received.Writer.GetMemory(), SocketFlags.None) is > 0 and int count)
            {
                _received.Writer.Advance(count);
                await _received.Writer.FlushAsync();
            }
            how = ClientClose.Closed;
        }
        catch (Exception gone) when (IsGone(gone))
        {
            how = _dropped ? null : ClientClose.Reset;
        }

        // In this order: who sees the connection closed must also see it counted so, and the script stopped.
        log.ConnectionEnded();
        await _ended.CancelAsync();
        if (how is { } close)
            _clientClosed.SetResult(close);
        else
            _clientClosed.SetCanceled(Ended);
        await _received.Writer.CompleteAsync();
    }

    private async Task HoldAsync()
    {
        TaskCompletionSource never = new();
        await never.Task.WaitAsync(Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        log.ConnectionEnded();
    }

    private async Task ServeAsync()
    {
        try
        {
            RequestReader reader = new(_received.Reader);
            // A server that has sent FIN takes no further request, even one that was already on its way.
            for (int count = 1; await reader.ReadHeadAsync() is { } head && !_closed; count++)
            {
                if (head.ExpectsContinue)
                    await SendAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
                ReceivedRequest request = new(head, await reader.ReadBodyAsync(head))
                {
                    ConnectionNumber = number,
                    NumberOnConnection = count,
                    ConnectionClosed = _clientClosed.Task,
                };
                if (!await ReplyAsync(head, request))
                    break;
            }
        }
        catch (InvalidDataException malformed)
        {
            log.Failed(malformed);
            await new ReplyRunner(this, "GET", closing: true).RunAsync(FakeReply.Text(400, "text/plain", malformed.Message));
            Close();
        }
        catch (Exception gone) when (IsGone(gone) || gone is EndOfStreamException or OperationCanceledException)
        {
            // A client that leaves in the middle of its request is no fault: tests do that on purpose.
        }
    }

    /// <summary>Runs the reply's script; false when no further request will be read.</summary>
    private async Task<bool> ReplyAsync(RequestHead head, ReceivedRequest request)
    {
        log.Received(request);
        FakeReply reply = Respond(request);
        bool closing = head.WantsClose || ReplyHead.Closes(reply);
        ReplyOutcome outcome = ReplyOutcome.Abandoned;
        try
        {
            outcome = await new ReplyRunner(this, head.Method, closing).RunAsync(reply);
            if (outcome == ReplyOutcome.Sent && closing)
                Close();
        }
        catch (Exception fault)
        {
            log.Failed(fault);
            Reset();
        }
        request.FinishReply(outcome);
        return outcome == ReplyOutcome.Sent && !closing;
    }

    private FakeReply Respond(ReceivedRequest request)
    {
        try
        {
            return respond(request);
        }
        catch (Exception fault)
        {
            log.Failed(fault);
            return FakeReply.Text(500, "text/plain", $"The fake's handler threw: {fault.Message}");
        }
    }
}
