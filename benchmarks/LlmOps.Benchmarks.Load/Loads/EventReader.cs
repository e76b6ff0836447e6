using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>Reads the events of streams as they arrive, and notes when each of the upstream's marks did.</summary>
internal sealed class EventReader
{
    // The upstream's events take a few hundred bytes each.
    private readonly byte[] _carried = new byte[16 * 1024];
    private int _carriedLength;
    private long _asked;

    /// <summary>Of each stream, the time from the request to its first mark, in milliseconds.</summary>
    public List<double> FirstMarks { get; } = [];

    /// <summary>Of each mark of all streams, the time from its sending to its arrival, in milliseconds.</summary>
    public List<double> Transits { get; } = [];

    /// <summary>Marks that no other mark arrived together with, of all streams.</summary>
    public int Alone { get; private set; }

    /// <summary>From the request to this stream's first event, in milliseconds; null before it.</summary>
    public double? FirstEvent { get; private set; }

    /// <summary>The answer's id in this stream's first event; null where there is none.</summary>
    public string? Id { get; private set; }

    /// <summary>Marks of this stream.</summary>
    public int Marks { get; private set; }

    /// <summary>Whether this stream's <c>[DONE]</c> was read.</summary>
    public bool HasTerminator { get; private set; }

    /// <summary>Whether an error event was read in this stream.</summary>
    public bool HasError { get; private set; }

    /// <summary>Whether everything that the upstream sends in a stream was read.</summary>
    public bool IsComplete => HasTerminator && !HasError && Marks == Payload.Chunks;

    /// <summary>Another stream is asked for now.</summary>
    public void Begin()
    {
        (_asked, _carriedLength) = (Stopwatch.GetTimestamp(), 0);
        (FirstEvent, Id, Marks, HasTerminator, HasError) = (null, null, 0, false, false);
    }

    /// <summary>Takes what one read gave. A line counts as arrived with its last byte.</summary>
    public void Read(ReadOnlySpan<byte> body)
    {
        var now = Stopwatch.GetTimestamp();
        var before = Marks;
        while (body.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (_carriedLength == 0)
            {
                ReadLine(body[..end], now);
            }
            else
            {
                Carry(body[..end]);
                ReadLine(_carried.AsSpan(0, _carriedLength), now);
                _carriedLength = 0;
            }

            body = body[(end + 1)..];
        }

        Carry(body);
        Alone += Marks - before == 1 ? 1 : 0;
    }

    private void Carry(ReadOnlySpan<byte> piece)
    {
        // What is longer than any event of ours (an error's body, say) holds no mark; its start is enough.
        piece = piece[..Math.Min(piece.Length, _carried.Length - _carriedLength)];
        piece.CopyTo(_carried.AsSpan(_carriedLength));
        _carriedLength += piece.Length;
    }

    private void ReadLine(ReadOnlySpan<byte> line, long now)
    {
        if (!line.StartsWith("data:"u8))
        {
            return;
        }

        var data = line[5..].Trim((byte)' ').TrimEnd((byte)'\r');
        if (FirstEvent is null)
        {
            FirstEvent = Stopwatch.GetElapsedTime(_asked, now).TotalMilliseconds;
            var id = data.IndexOf("\"id\":\""u8) is >= 0 and var start ? data[(start + 6)..] : default;
            Id = id.IndexOf((byte)'"') is >= 0 and var end ? Encoding.UTF8.GetString(id[..end]) : null;
        }

        var at = data.IndexOf((byte)'@');
        if (at >= 0 && Utf8Parser.TryParse(data[(at + 1)..], out long sent, out var length) && data[(at + 1 + length)..].StartsWith((byte)'@'))
        {
            if (Marks++ == 0)
            {
                FirstMarks.Add(Stopwatch.GetElapsedTime(_asked, now).TotalMilliseconds);
            }

            Transits.Add(Stopwatch.GetElapsedTime(sent, now).TotalMilliseconds);
        }
        else if (data.SequenceEqual("[DONE]"u8))
        {
            HasTerminator = true;
        }
        else if (data.StartsWith("{\"error\""u8))
        {
            HasError = true;
        }
    }
}
