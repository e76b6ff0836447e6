using System.Buffers;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// Takes answers out of received bytes, of RESP2 and RESP3 alike. Keeps what it has of an answer that is not complete, so
/// that no byte is looked at twice, and copies a string once: into its own array. What a server announces is not believed:
/// memory is taken as its items come, and there are limits to all of it.
/// </summary>
internal sealed class RespParser(int maxBytes = RespParser.MaxBytes, int maxItems = RespParser.MaxItems)
{
    /// <summary>Largest answer, in bytes of its strings.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Most items of an answer, those within its items included.</summary>
    public const int MaxItems = 1024 * 1024;

    /// <summary>Aggregates within aggregates.</summary>
    public const int MaxDepth = 32;

    /// <summary>Longest line, in bytes: a simple string, an error, a number.</summary>
    public const int MaxLine = 64 * 1024;

    private const int FirstItems = 64;
    private const int VerbatimHead = 4;
    private static readonly byte[] Ok = [.. "OK"u8];

    private readonly Frame[] _frames = new Frame[MaxDepth];
    private int _depth;
    private long _bytes;
    private long _items;

    // The string that is being filled; its type is that of its first byte on the wire.
    private byte[]? _bulk;
    private int _bulkFilled;
    private byte _bulkType;

    /// <summary>Takes the next answer from the beginning of the buffer, and all that is used up of it.</summary>
    /// <returns>Whether the answer is complete.</returns>
    /// <exception cref="RespException">It is no answer, or too large a one.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out RedisReply reply)
    {
        var reader = new SequenceReader<byte>(buffer);
        var complete = TryReadReply(ref reader, out reply);
        buffer = buffer.Slice(reader.Position);
        return complete;
    }

    private bool TryReadReply(ref SequenceReader<byte> reader, out RedisReply reply)
    {
        while (TryReadValue(ref reader, out reply))
        {
            if (Place(ref reply))
            {
                (_bytes, _items) = (0, 0);
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts a value where it belongs; true where it, or the aggregate that it completes, is the answer.</summary>
    private bool Place(ref RedisReply value)
    {
        while (_depth > 0)
        {
            ref var frame = ref _frames[_depth - 1];
            frame.Add(value);
            if (frame.Filled < frame.Count)
            {
                return false;
            }

            _depth--;
            var (kind, items) = (frame.Kind, frame.Items);
            frame = default;
            if (kind is not { } whole)
            {
                // Attributes say something about the value that follows; nothing here asks for them.
                return false;
            }

            value = RedisReply.Of(whole, items);
        }

        return true;
    }

    /// <summary>Reads a value that has no items; opens aggregates on the way.</summary>
    private bool TryReadValue(ref SequenceReader<byte> reader, out RedisReply value)
    {
        while (true)
        {
            if (_bulk is not null)
            {
                return TryReadBulk(ref reader, out value);
            }

            if (!TryReadLine(ref reader, out var line))
            {
                value = default;
                return false;
            }

            if (line.IsEmpty)
            {
                throw new RespException("an empty line where an answer was expected");
            }

            if (IsWhole(line, out value))
            {
                return true;
            }
        }
    }

    /// <summary>Whether a line is a value by itself; else it begins a string or an aggregate.</summary>
    private bool IsWhole(ReadOnlySpan<byte> line, out RedisReply value)
    {
        var text = line[1..];
        value = default;
        switch (line[0])
        {
            case (byte)'+':
                value = RedisReply.Of(RedisReplyKind.SimpleString, text.SequenceEqual("OK"u8) ? Ok : Counted(text));
                return true;
            case (byte)'-':
                value = RedisReply.Of(RedisReplyKind.Error, Counted(text));
                return true;
            case (byte)'(':
                value = RedisReply.Of(RedisReplyKind.BigNumber, Counted(text));
                return true;
            case (byte)':':
                value = RedisReply.Of(Number(text));
                return true;
            case (byte)',':
                value = RedisReply.Of(RespNumbers.TryDouble(text, out var number) ? number : throw new RespException("a number that is none"));
                return true;
            case (byte)'#' when text is [(byte)'t' or (byte)'f']:
                value = RedisReply.Of(text[0] == 't');
                return true;
            case (byte)'_' when text.IsEmpty:
                return true;
            case (byte)'$' or (byte)'!' or (byte)'=':
                return !BeginBulk(line[0], Number(text));
            case (byte)'*':
                return IsEmpty(RedisReplyKind.Array, Number(text), ref value);
            case (byte)'~':
                return IsEmpty(RedisReplyKind.Set, Number(text), ref value);
            case (byte)'>':
                return IsEmpty(RedisReplyKind.Push, Number(text), ref value);
            case (byte)'%':
                return IsEmpty(RedisReplyKind.Map, Number(text), ref value);
            case (byte)'|':
                return IsEmpty(null, Number(text), ref value);
            default:
                throw new RespException("an answer of an unknown type");
        }
    }

    /// <summary>Begins a string; false where it is null.</summary>
    private bool BeginBulk(byte type, long length)
    {
        if (length == -1)
        {
            return false;
        }

        if (length < 0 || length + _bytes > maxBytes)
        {
            throw new RespException($"an answer of more than {maxBytes} bytes");
        }

        _bytes += length;
        (_bulk, _bulkFilled, _bulkType) = (GC.AllocateUninitializedArray<byte>((int)length), 0, type);
        return true;
    }

    private bool TryReadBulk(ref SequenceReader<byte> reader, out RedisReply value)
    {
        value = default;
        var bulk = _bulk!;
        var take = (int)Math.Min(reader.Remaining, bulk.Length - _bulkFilled);
        reader.TryCopyTo(bulk.AsSpan(_bulkFilled, take));
        reader.Advance(take);
        _bulkFilled += take;
        if (_bulkFilled < bulk.Length || reader.Remaining < 2)
        {
            return false;
        }

        if (!reader.IsNext("\r\n"u8, advancePast: true))
        {
            throw new RespException("a string that is longer than was said");
        }

        _bulk = null;
        value = _bulkType switch
        {
            (byte)'!' => RedisReply.Of(RedisReplyKind.Error, bulk),
            (byte)'$' => RedisReply.Of(RedisReplyKind.BulkString, bulk),
            _ when bulk.Length >= VerbatimHead && bulk[VerbatimHead - 1] == ':' => RedisReply.Of(RedisReplyKind.VerbatimString, bulk, VerbatimHead),
            _ => throw new RespException("a text without its format"),
        };
        return true;
    }

    /// <summary>Opens an aggregate, of null attributes; true where it has no items and so is a value.</summary>
    private bool IsEmpty(RedisReplyKind? kind, long count, ref RedisReply value)
    {
        if (count == -1 && kind is not null)
        {
            return true;
        }

        if (count < 0 || count > maxItems)
        {
            throw new RespException($"an answer of more than {maxItems} items");
        }

        if (count == 0)
        {
            value = kind is { } empty ? RedisReply.Of(empty, []) : default;
            return kind is not null;
        }

        count *= kind is null or RedisReplyKind.Map ? 2 : 1;
        _items += count;
        if (_items > maxItems || _depth == MaxDepth)
        {
            throw new RespException($"an answer of more than {maxItems} items, or nested deeper than {MaxDepth}");
        }

        _frames[_depth++] = new Frame(kind, (int)count);
        return false;
    }

    private byte[] Counted(ReadOnlySpan<byte> text)
    {
        _bytes += text.Length;
        return _bytes > maxBytes ? throw new RespException($"an answer of more than {maxBytes} bytes") : text.ToArray();
    }

    private static long Number(ReadOnlySpan<byte> text) =>
        RespNumbers.TryWhole(text, out var number) ? number : throw new RespException("a whole number that is none");

    private static bool TryReadLine(ref SequenceReader<byte> reader, out ReadOnlySpan<byte> line)
    {
        if (reader.TryReadTo(out line, "\r\n"u8))
        {
            return line.Length <= MaxLine ? true : throw LineTooLong();
        }

        // Its end may be there by half.
        return reader.Remaining > MaxLine + 1 ? throw LineTooLong() : false;
    }

    private static RespException LineTooLong() => new($"a line of more than {MaxLine} bytes");

    /// <summary>An aggregate whose items are still coming.</summary>
    private struct Frame(RedisReplyKind? kind, int count)
    {
        private RedisReply[] _items = new RedisReply[Math.Min(count, FirstItems)];

        public readonly RedisReplyKind? Kind => kind;

        public readonly int Count => count;

        public readonly RedisReply[] Items => _items;

        public int Filled { get; private set; }

        public void Add(RedisReply value)
        {
            if (Filled == _items.Length)
            {
                Array.Resize(ref _items, (int)Math.Min(count, _items.Length * 2L));
            }

            _items[Filled++] = value;
        }
    }
}
