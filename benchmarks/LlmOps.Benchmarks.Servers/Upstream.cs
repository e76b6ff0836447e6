using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace LlmOps.Benchmarks.Servers;

/// <summary>
/// The provider behind every server that is measured. It speaks HTTP/1.1 over Kestrel's bare transport, so that it takes
/// as little of the machine as it can from what is measured. What it does, the request says in any of its fields:
/// <c>delay-60</c> waits so many milliseconds before the answer begins; <c>chunks-40-25</c> sends so many chunks of a
/// stream, so many milliseconds apart.
/// Each chunk's content begins with <c>@TIMESTAMP@</c>, the moment it was sent by the machine's monotonic clock, from
/// which the load generator tells how long it was on its way.
/// </summary>
internal sealed class Upstream : ConnectionHandler
{
    private static readonly byte[] Whole = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_0123456789abcdef\r\nopenai-processing-ms: 12\r\nContent-Length: {Completion.Whole.Length}\r\n\r\n")
        .Concat(Completion.Whole.ToArray()).ToArray();

    private static readonly byte[] StreamHead =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nx-request-id: req_0123456789abcdef\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();

    private static readonly string[] Words = ["A ", "gateway ", "keeps ", "keys, ", "limits ", "and ", "costs ", "in ", "one ", "place. "];

    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.ListenLocalhost(port, listen => listen.UseConnectionHandler<Upstream>()));
        await builder.Build().RunAsync();
    }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
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

            if (asked.Delay > 0)
            {
                await Task.Delay(asked.Delay, connection.ConnectionClosed);
            }

            if (asked.Stream)
            {
                await StreamAsync(output, asked, connection.ConnectionClosed);
            }
            else
            {
                await output.WriteAsync(Whole, connection.ConnectionClosed);
            }
        }
    }

    private static async Task StreamAsync(PipeWriter output, Request asked, CancellationToken closed)
    {
        output.Write(StreamHead);
        Send(output, Completion.Chunk("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}"));
        for (var index = 0; index < asked.Chunks; index++)
        {
            if (index > 0)
            {
                await Task.Delay(asked.Gap, closed);
            }

            Send(output, Completion.Chunk($"{{\"content\":\"@{Stopwatch.GetTimestamp()}@ {Words[index % Words.Length]}\"}}"));
            await output.FlushAsync(closed);
        }

        Send(output, Completion.End(asked.Usage));
        output.Write("0\r\n\r\n"u8);
        await output.FlushAsync(closed);
    }

    private static void Send(PipeWriter output, string events)
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
    private sealed record Request(bool Stream, bool Usage, int Delay, int Chunks, int Gap)
    {
        private static readonly Request AtOnce = new(false, false, 0, 0, 0);

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
            var delay = Number(body, "delay-"u8);
            if (!stream)
            {
                return delay == 0 ? AtOnce : AtOnce with { Delay = delay };
            }

            var shape = body.IndexOf("chunks-"u8);
            var chunks = Number(body, "chunks-"u8);
            var gap = shape < 0 ? 0 : Number(body[(shape + 7)..], "-"u8);
            return new Request(true, body.IndexOf("\"include_usage\":true"u8) >= 0, delay, Math.Max(chunks, 1), gap);
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
