using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// Reads HTTP/1.1 requests from a pipe. Malformed input throws <see cref="InvalidDataException"/>, an end in the middle
/// of a request <see cref="EndOfStreamException"/>.
/// </summary>
internal sealed class RequestReader(PipeReader input)
{
    /// <summary>The next request's head, or null when the connection ended between two requests.</summary>
    public async Task<RequestHead?> ReadHeadAsync()
    {
        if (await TryReadLineAsync() is not { } requestLine)
            return null;

        RequestHead head = RequestHead.FromRequestLine(requestLine);
        while (await ReadLineAsync() is { Length: > 0 } header)
            head.AddHeader(header);
        head.Check();
        return head;
    }

    /// <summary>The body that belongs to <paramref name="head"/>.</summary>
    public async Task<byte[]> ReadBodyAsync(RequestHead head) =>
        head.IsChunked ? await ReadChunksAsync() : await ReadExactlyAsync(head.BodyLength);

    private async Task<byte[]> ReadChunksAsync()
    {
        using MemoryStream body = new();
        while (await ReadChunkSizeAsync() is > 0 and int size)
        {
            body.Write(await ReadExactlyAsync(size));
            if (await ReadLineAsync() is { Length: > 0 })
                throw new InvalidDataException("A chunk is longer than its size says.");
        }
        while (await ReadLineAsync() is { Length: > 0 })
        {
            // Trailers mean nothing to the fake.
        }
        return body.ToArray();
    }

    private async Task<int> ReadChunkSizeAsync()
    {
        string line = await ReadLineAsync();
        return int.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int size) && size >= 0
            ? size
            : throw new InvalidDataException($"Not a chunk size: '{line}'.");
    }

    private async Task<byte[]> ReadExactlyAsync(int count)
    {
        if (count == 0)
            return [];

        ReadResult result = await input.ReadAtLeastAsync(count);
        if (result.Buffer.Length < count)
            throw new EndOfStreamException("The connection ended inside a request body.");
        ReadOnlySequence<byte> bytes = result.Buffer.Slice(0, count);
        byte[] copy = bytes.ToArray();
        input.AdvanceTo(bytes.End);
        return copy;
    }

    private async Task<string> ReadLineAsync() =>
        await TryReadLineAsync() ?? throw new EndOfStreamException("The connection ended inside a request.");

    private async Task<string?> TryReadLineAsync()
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            if (result.Buffer.PositionOf((byte)'\n') is { } lineFeed)
            {
                string line = Encoding.Latin1.GetString(result.Buffer.Slice(0, lineFeed));
                input.AdvanceTo(result.Buffer.GetPosition(1, lineFeed));
                return line.EndsWith('\r') ? line[..^1] : throw new InvalidDataException($"No CR before LF: '{line}'.");
            }

            bool nothingLeft = result.Buffer.IsEmpty;
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return nothingLeft ? null : throw new EndOfStreamException("The connection ended inside a line.");
        }
    }
}
