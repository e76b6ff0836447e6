using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers;

/// <summary>One server-sent event. The data are its own copy and may be kept.</summary>
internal readonly record struct SseEvent(string? Type, ReadOnlyMemory<byte> Data);

/// <summary>
/// Reads server-sent events as the HTML standard defines them (section 9.2.6), from bytes that may be split anywhere.
/// Written here because the framework's parser has no bound on the length of a line.
/// </summary>
internal sealed class SseReader(string provider, Stream stream)
{
    /// <summary>Largest event, in bytes; a larger one is not the provider's protocol.</summary>
    public const int MaxEventBytes = 8 * 1024 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _searched;
    private bool _skipLineFeed;

    private byte[]? _data;
    private ArrayBufferWriter<byte>? _moreData;
    private string? _type;

    /// <summary>
    /// The events until the stream ends. An event that the end leaves without its blank line is still given: whether
    /// the stream was complete is for its protocol's terminal event to say.
    /// </summary>
    /// <exception cref="ProviderException">The connection broke, or an event is larger than <see cref="MaxEventBytes"/>.</exception>
    public async IAsyncEnumerable<SseEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
        try
        {
            var first = true;
            while (await FillAsync(cancellationToken))
            {
                // A byte order mark may begin the stream; it can arrive in pieces, but never makes a field name.
                first = first && !SkipByteOrderMark();
                while (TryReadLine(out var line))
                {
                    if (Take(_buffer.AsSpan(line)) is { } complete)
                    {
                        yield return complete;
                    }
                }
            }

            Take(_buffer.AsSpan(_start, _end - _start));
            if (Take([]) is { } last)
            {
                yield return last;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private bool SkipByteOrderMark()
    {
        if (_end - _start < 3)
        {
            return false;
        }

        if (_buffer.AsSpan(_start, 3).SequenceEqual("\uFEFF"u8))
        {
            _start += 3;
        }

        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = _searched = 0;
        }
        else if (_end == _buffer.Length)
        {
            MakeRoom();
        }

        var read = await ProviderTransport.ReadAsync(provider, stream, _buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return _end - _start <= MaxEventBytes ? read > 0 : throw TooLarge();
    }

    private void MakeRoom()
    {
        var pending = _end - _start;
        var target = _start > 0 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, pending).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        (_start, _end, _searched) = (0, pending, _searched - _start);
    }

    // A line ends with LF, CRLF or CR; of a CRLF, the LF may still be on its way when the line is taken.
    private bool TryReadLine(out Range line)
    {
        if (_skipLineFeed && _start < _end)
        {
            _skipLineFeed = false;
            if (_buffer[_start] == '\n')
            {
                _start++;
            }
        }

        _searched = Math.Max(_searched, _start);
        var length = _buffer.AsSpan(_searched, _end - _searched).IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0)
        {
            _searched = _end;
            line = default;
            return false;
        }

        line = _start..(_searched + length);
        _skipLineFeed = _buffer[_searched + length] == '\r';
        _start = _searched + length + 1;
        return true;
    }

    /// <summary>Takes in a line; returns the event that it completes.</summary>
    private SseEvent? Take(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            SseEvent? complete = _data is null ? null : new SseEvent(_type, _moreData?.WrittenSpan.ToArray() ?? _data);
            (_data, _moreData, _type) = (null, null, null);
            return complete;
        }

        var colon = line.IndexOf((byte)':');
        var field = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (!value.IsEmpty && value[0] == ' ')
        {
            value = value[1..];
        }

        if (field.SequenceEqual("data"u8))
        {
            Append(value);
        }
        else if (field.SequenceEqual("event"u8))
        {
            _type = Encoding.UTF8.GetString(value);
        }

        // Comments (an empty field name), id, retry and unknown fields mean nothing here.
        return null;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        if (_data is null)
        {
            _data = value.ToArray();
            return;
        }

        if (_moreData is null)
        {
            _moreData = new ArrayBufferWriter<byte>();
            _moreData.Write(_data);
        }

        _moreData.Write("\n"u8);
        _moreData.Write(value);
        if (_moreData.WrittenCount > MaxEventBytes)
        {
            throw TooLarge();
        }
    }

    private ProviderException TooLarge() =>
        new(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' sent an event of more than {MaxEventBytes} bytes.");
}
