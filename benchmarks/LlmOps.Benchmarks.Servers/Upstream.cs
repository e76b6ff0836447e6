using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace LlmOps.Benchmarks.Servers;

/// <summary>
/// The provider behind every server that is measured. It speaks HTTP/1.1 over Kestrel's bare transport, so that it takes
/// as little of the machine as it can from what is measured. What it does, the request says in any of its fields:
/// <c>delay-60</c> waits so many milliseconds before the answer begins; <c>chunks-40-25</c> sends so many chunks of a
/// stream, so many milliseconds apart; <c>leaver-7</c> numbers a request whose caller means to leave; <c>echo-7</c> has the
/// number told in the answer's id.
/// Each chunk's content begins with <c>@TIMESTAMP@</c>, the moment it was sent by the machine's monotonic clock, from
/// which the load generator tells how long it was on its way.
/// With <paramref name="calls"/> it fails as they say, and they hear of every request.
/// </summary>
internal sealed class Upstream(UpstreamCalls? calls = null) : ConnectionHandler
{
    // A stream that is to fail in its middle does so after so many chunks.
    private const int Midway = 10;

    private static readonly TimeSpan DripPause = TimeSpan.FromMilliseconds(20);

    private static readonly byte[] Whole = [.. Head(Completion.Whole.Length), .. Completion.Whole];

    private static readonly byte[] StreamHead =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nx-request-id: req_0123456789abcdef\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();

    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private static readonly string Role = Completion.Chunk("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");

    private static readonly string[] Words = ["A ", "gateway ", "keeps ", "keys, ", "limits ", "and ", "costs ", "in ", "one ", "place. "];

    public static async Task RunAsync(int port) => await On(port).RunAsync();

    /// <summary>A server that listens on the loopback port once it is started.</summary>
    public static WebApplication On(int port, UpstreamCalls? calls = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (calls is not null)
        {
            builder.Services.AddSingleton(calls);
        }

        builder.WebHost.ConfigureKestrel(server => server.ListenLocalhost(port, listen => listen.UseConnectionHandler<Upstream>()));
        return builder.Build();
    }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(connection.ConnectionClosed);
            var rest = read.Buffer;
            var asked = Request.Read(ref rest);
            input.AdvanceTo(rest.Start, asked is null ? rest.End : rest.Start);
            if (asked is null)
            {
                if (read.IsCompleted)
                {
                    return;
                }

                continue;
            }

            using var call = calls?.Begin(asked.Leaver, connection.ConnectionClosed);
            if (!await AnswerAsync(connection, asked, call))
            {
                return;
            }
        }
    }

    // Returns whether the connection takes another request; so do those that it calls.
    private async Task<bool> AnswerAsync(ConnectionContext connection, Request asked, UpstreamCall? call)
    {
        if (calls?.Fault is { Sent: not Sent.Half } fault)
        {
            return await FailAsync(connection, asked, fault, call!);
        }

        if (asked.Delay > 0)
        {
            await PreciseDelay.Of(asked.Delay).WaitAsync(connection.ConnectionClosed);
        }

        if (asked.Stream)
        {
            return await StreamAsync(connection, asked, call);
        }

        if (calls?.Fault is { Sent: Sent.Half } midway)
        {
            return await FailAsync(connection, asked, midway, call!);
        }

        await connection.Transport.Output.WriteAsync(asked.Echo == 0 ? Whole : Echo(asked.Echo), connection.ConnectionClosed);
        call?.End(CallEnd.Answered);
        return true;
    }

    private async Task<bool> StreamAsync(ConnectionContext connection, Request asked, UpstreamCall? call)
    {
        var (output, closed) = (connection.Transport.Output, connection.ConnectionClosed);
        output.Write(StreamHead);
        Send(output, Completion.Numbered(Role, asked.Echo));
        for (var index = 0; index < asked.Chunks; index++)
        {
            if (index > 0)
            {
                await PreciseDelay.Of(Math.Max(asked.Gap, 1)).WaitAsync(closed);
            }

            // Streams that have begun while all was well are hit as well.
            if (index >= Midway && calls?.Fault is { Sent: Sent.Half } midway)
            {
                return await FailAsync(connection, asked, midway, call!);
            }

            Send(output, Completion.Numbered(Completion.Chunk($"{{\"content\":\"@{Stopwatch.GetTimestamp()}@ {Words[index % Words.Length]}\"}}"), asked.Echo));
            await output.FlushAsync(closed);
        }

        Send(output, Completion.Numbered(Completion.End(asked.Usage), asked.Echo));
        output.Write(LastChunk);
        await output.FlushAsync(closed);
        call?.End(CallEnd.Answered);
        return true;
    }

    private static async Task<bool> FailAsync(ConnectionContext connection, Request asked, Fault fault, UpstreamCall call)
    {
        var (output, closed) = (connection.Transport.Output, connection.ConnectionClosed);
        output.Write((fault, asked.Stream) switch
        {
            ({ Answer: { } answer }, _) => answer,
            ({ Sent: Sent.Nothing }, _) or ({ Sent: Sent.Half }, true) => [],
            ({ Sent: Sent.Head }, true) => StreamHead,
            ({ Then: Then.End }, false) => [.. Head(Completion.Whole.Length / 2), .. Completion.Whole[..(Completion.Whole.Length / 2)]],
            ({ Then: Then.Error }, false) => [.. Head(Completion.Error.Length), .. Completion.Error],
            ({ Sent: Sent.Head }, false) => Head(Completion.Whole.Length),
            _ => Whole.AsSpan(0, Whole.Length - Completion.Whole.Length / 2),
        });
        await output.FlushAsync(closed);
        switch (fault.Then)
        {
            case Then.Silence:
                await Task.Delay(Timeout.Infinite, closed);
                break;
            case Then.Drip:
                await DripAsync(output, asked.Stream, closed);
                break;
            case Then.Reset:
                // A reset takes away what is still on its way.
                await Task.Delay(fault.Sent == Sent.Half ? DripPause : TimeSpan.Zero, closed);
                call.End(CallEnd.Failed);
                Reset(connection);
                return false;
            case Then.Error when asked.Stream:
                Send(output, $"data: {Encoding.ASCII.GetString(Completion.Error)}\n\n");
                output.Write(LastChunk);
                break;
            case Then.End when asked.Stream:
                output.Write(LastChunk);
                break;
        }

        call.End(CallEnd.Failed);
        await output.FlushAsync(closed);
        return true;
    }

    // A byte at a time: of a body, or of a stream's first event, which has no content yet.
    private static async Task DripAsync(PipeWriter output, bool stream, CancellationToken closed)
    {
        var pieces = new ArrayBufferWriter<byte>();
        if (stream)
        {
            Send(pieces, Role);
            pieces.Write(LastChunk);
        }
        else
        {
            pieces.Write(Completion.Whole);
        }

        for (var index = 0; index < pieces.WrittenCount; index++)
        {
            await Task.Delay(DripPause, closed);
            await output.WriteAsync(pieces.WrittenMemory.Slice(index, 1), closed);
        }
    }

    // Kestrel's own Abort says goodbye first.
    private static void Reset(ConnectionContext connection)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()!.Socket;
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    private static byte[] Head(int length) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_0123456789abcdef\r\nopenai-processing-ms: 12\r\nContent-Length: {length}\r\n\r\n");

    private static byte[] Echo(int number)
    {
        var answer = Encoding.ASCII.GetBytes(Completion.Numbered(Encoding.ASCII.GetString(Completion.Whole), number));
        return [.. Head(answer.Length), .. answer];
    }

    private static void Send(IBufferWriter<byte> output, string events)
    {
        var length = Encoding.ASCII.GetByteCount(events);
        var span = output.GetSpan(length + 16);
        length.TryFormat(span, out var written, "x");
        "\r\n"u8.CopyTo(span[written..]);
        written += 2;
        written += Encoding.ASCII.GetBytes(events, span[written..]);
        "\r\n"u8.CopyTo(span[written..]);
        output.Advance(written + 2);
    }

    /// <summary>What a request asks of this server.</summary>
    private sealed record Request(bool Stream, bool Usage, int Delay, int Chunks, int Gap, int Leaver, int Echo)
    {
        private static readonly Request AtOnce = new(false, false, 0, 0, 0, 0, 0);

        /// <summary>Takes one request from the start of the bytes; null when it is not all there.</summary>
        public static Request? Read(ref ReadOnlySequence<byte> bytes)
        {
            var all = bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray();
            var headEnd = all.IndexOf("\r\n\r\n"u8);
            if (headEnd < 0)
            {
                return null;
            }

            var (bodyLength, bodyStart) = (0, headEnd + 4);
            var consumed = bodyStart;
            ReadOnlySpan<byte> body;
            if (HeaderNumber(all[..headEnd], "\r\ncontent-length:"u8, "\r\nContent-Length:"u8) is { } given)
            {
                bodyLength = given;
                if (all.Length < bodyStart + bodyLength)
                {
                    return null;
                }

                body = all.Slice(bodyStart, bodyLength);
                consumed += bodyLength;
            }
            else
            {
                // A body without a length comes in HTTP's chunks; nobody here asks without a body.
                var end = all[bodyStart..].IndexOf("0\r\n\r\n"u8);
                if (end < 0)
                {
                    return null;
                }

                body = all.Slice(bodyStart, end);
                consumed += end + 5;
            }

            bytes = bytes.Slice(consumed);
            return Of(body);
        }

        private static Request Of(ReadOnlySpan<byte> body)
        {
            var stream = body.IndexOf("\"stream\":true"u8) >= 0;
            var (delay, echo) = (Number(body, "delay-"u8), Number(body, "echo-"u8));
            if (!stream)
            {
                return delay == 0 && echo == 0 ? AtOnce : AtOnce with { Delay = delay, Leaver = Number(body, "leaver-"u8), Echo = echo };
            }

            var shape = body.IndexOf("chunks-"u8);
            var chunks = Number(body, "chunks-"u8);
            var gap = shape < 0 ? 0 : Number(body[(shape + 7)..], "-"u8);
            return new Request(true, body.IndexOf("\"include_usage\":true"u8) >= 0, delay, Math.Max(chunks, 1), gap, Number(body, "leaver-"u8), echo);
        }

        private static int Number(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
        {
            var at = body.IndexOf(name);
            return at >= 0 && Utf8Parser.TryParse(body[(at + name.Length)..], out int number, out _) ? number : 0;
        }

        private static int? HeaderNumber(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherCase)
        {
            var at = Math.Max(head.IndexOf(name), head.IndexOf(otherCase));
            return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..].TrimStart((byte)' '), out int number, out _) ? number : null;
        }
    }
}
