using System.Globalization;
using System.Text;

namespace LlmOps.Tests.Fakes;

/// <summary>Runs a reply's script on a connection.</summary>
internal sealed class ReplyRunner(FakeConnection connection, string method, bool closing)
{
    private long _sent;

    /// <summary>Runs the steps in order. What is wrong with the script itself is thrown; a connection that ends under it is not.</summary>
    public async Task<ReplyOutcome> RunAsync(FakeReply reply)
    {
        try
        {
            foreach (ReplyStep step in reply.Script)
            {
                if (await RunAsync(reply, step) is { } outcome)
                    return outcome;
            }
            return ReplyOutcome.Sent;
        }
        catch (Exception gone) when (FakeConnection.IsGone(gone) || connection.Ended.IsCancellationRequested)
        {
            return ReplyOutcome.Abandoned;
        }
    }

    /// <summary>Runs one step; a result ends the script.</summary>
    private async Task<ReplyOutcome?> RunAsync(FakeReply reply, ReplyStep step)
    {
        switch (step)
        {
            case ReplyStep.Head:
                await connection.SendAsync(ReplyHead.Format(reply, closing));
                return null;
            case ReplyStep.Piece piece:
                await SendPieceAsync(reply, piece.Bytes);
                return null;
            case ReplyStep.Raw raw:
                await connection.SendAsync(raw.Bytes);
                return null;
            case ReplyStep.Wait wait:
                await wait.Gate.WaitAsync(connection.Ended);
                return null;
            case ReplyStep.Call call:
                call.Action();
                return null;
            case ReplyStep.Silence:
                await new TaskCompletionSource().Task.WaitAsync(connection.Ended);
                return ReplyOutcome.Abandoned;
            case ReplyStep.Reset:
                connection.Reset();
                return ReplyOutcome.Reset;
            case ReplyStep.Close:
                connection.Close();
                return ReplyOutcome.Closed;
            case ReplyStep.End:
                await EndAsync(reply);
                return null;
            default:
                throw new InvalidOperationException($"Unknown step: {step}.");
        }
    }

    private async Task SendPieceAsync(FakeReply reply, ReadOnlyMemory<byte> bytes)
    {
        _sent += bytes.Length;
        if (method == "HEAD")
            return;
        if (reply.Framing == BodyFraming.Chunked)
        {
            string size = bytes.Length.ToString("x", CultureInfo.InvariantCulture);
            bytes = (byte[])[.. Encoding.ASCII.GetBytes(size), .. "\r\n"u8, .. bytes.Span, .. "\r\n"u8];
        }
        await connection.SendAsync(bytes);
    }

    private async Task EndAsync(FakeReply reply)
    {
        if (reply.Framing == BodyFraming.ContentLength && _sent != reply.ContentLength)
            throw new InvalidOperationException(
                $"The reply declares {reply.ContentLength} bytes and ends after {_sent}: end it with ThenClose, ThenReset or ThenSilence.");
        if (reply.Framing == BodyFraming.UntilClose)
            connection.Close();
        else if (reply.Framing == BodyFraming.Chunked && method != "HEAD")
            await connection.SendAsync("0\r\n\r\n"u8.ToArray());
    }
}
