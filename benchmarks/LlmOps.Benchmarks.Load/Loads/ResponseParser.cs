using System.Buffers.Text;
using System.Text;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>Reads one HTTP/1.1 response as it arrives, in whatever pieces it comes.</summary>
internal sealed class ResponseParser
{
    private const int LongestLine = 16 * 1024;

    private readonly byte[] _line = new byte[LongestLine];
    private int _lineLength;
    private Part _part = Part.StatusLine;
    private bool _chunked;
    private long _left;

    private enum Part
    {
        StatusLine,
        Header,
        Body,
        ChunkSize,
        ChunkEnd,
        Trailer,
        Done,
    }

    /// <summary>The status; 0 until it is known.</summary>
    public int Status { get; private set; }

    /// <summary>Whether the response has come to its regular end.</summary>
    public bool IsDone => _part == Part.Done;

    /// <summary>Whether the server keeps the connection for another request.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>The provider that answered, as the gateway tells; null where it does not.</summary>
    public string? Provider { get; private set; }

    /// <summary>Calls to providers that the answer took, as the gateway tells; 0 where it does not.</summary>
    public int Attempts { get; private set; }

    /// <summary>What the gateway says of the cache; null where it does not.</summary>
    public string? CacheStatus { get; private set; }

    /// <summary>What the gateway had to do without; null where it says nothing of it.</summary>
    public string? Degraded { get; private set; }

    /// <summary>Makes ready for the next response on the connection.</summary>
    public void Reset()
    {
        (_part, _lineLength, _chunked, _left) = (Part.StatusLine, 0, false, 0);
        (Status, KeepsAlive, Provider, Attempts, CacheStatus, Degraded) = (0, true, null, 0, null, null);
    }

    /// <summary>Takes what was received and leaves at its start what of it is body, whose length is returned.</summary>
    public int Parse(Span<byte> received)
    {
        var (read, body) = (0, 0);
        while (read < received.Length && _part != Part.Done)
        {
            if (_part == Part.Body)
            {
                var length = (int)Math.Min(_left, received.Length - read);
                received.Slice(read, length).CopyTo(received[body..]);
                (read, body, _left) = (read + length, body + length, _left - length);
                if (_left == 0)
                {
                    _part = _chunked ? Part.ChunkEnd : Part.Done;
                }

                continue;
            }

            var end = received[read..].IndexOf((byte)'\n');
            var piece = end < 0 ? received[read..] : received.Slice(read, end);
            if (_lineLength + piece.Length > LongestLine)
            {
                throw new IOException("A line of the response's head is too long.");
            }

            piece.CopyTo(_line.AsSpan(_lineLength));
            _lineLength += piece.Length;
            read += piece.Length;
            if (end >= 0)
            {
                read++;
                ReadLine(_line.AsSpan(0, _lineLength).TrimEnd((byte)'\r'));
                _lineLength = 0;
            }
        }

        return body;
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        switch (_part)
        {
            case Part.StatusLine:
                Status = line.Length > 9 && Utf8Parser.TryParse(line[9..], out int status, out _) ? status : throw new IOException("The answer is not HTTP.");
                _part = Part.Header;
                break;
            case Part.Header when line.IsEmpty:
                _part = _chunked ? Part.ChunkSize : _left > 0 ? Part.Body : Part.Done;
                break;
            case Part.Header:
                ReadHeader(line);
                break;
            case Part.ChunkSize:
                _left = Utf8Parser.TryParse(line, out long size, out _, 'x') ? size : throw new IOException("A chunk of the body has no size.");
                _part = _left == 0 ? Part.Trailer : Part.Body;
                break;
            case Part.ChunkEnd:
                _part = Part.ChunkSize;
                break;
            case Part.Trailer when line.IsEmpty:
                _part = Part.Done;
                break;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> line)
    {
        if (Value(line, "content-length:") is { IsEmpty: false } length)
        {
            _left = Utf8Parser.TryParse(length, out long bytes, out _) ? bytes : 0;
        }
        else if (Value(line, "transfer-encoding:") is { IsEmpty: false } encoding)
        {
            _chunked = encoding.SequenceEqual("chunked"u8);
        }
        else if (Value(line, "connection:") is { IsEmpty: false } connection)
        {
            KeepsAlive = !Ascii.EqualsIgnoreCase(connection, "close");
        }
        else if (Value(line, "x-llmops-provider:") is { IsEmpty: false } provider)
        {
            Provider = Encoding.ASCII.GetString(provider);
        }
        else if (Value(line, "x-llmops-attempts:") is { IsEmpty: false } attempts)
        {
            Attempts = Utf8Parser.TryParse(attempts, out int number, out _) ? number : 0;
        }
        else if (Value(line, "x-llmops-cache:") is { IsEmpty: false } cache)
        {
            CacheStatus = Encoding.ASCII.GetString(cache);
        }
        else if (Value(line, "x-llmops-degraded:") is { IsEmpty: false } degraded)
        {
            Degraded = Encoding.ASCII.GetString(degraded);
        }
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, string name) =>
        line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name) ? line[name.Length..].Trim((byte)' ') : default;
}
