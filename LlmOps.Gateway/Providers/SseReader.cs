using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers;

/// <summary>Reads server-sent events as the HTML standard defines them (section 9.2.6).</summary>
internal sealed class SseReader(string provider, Stream stream)
{
    /// <summary>Largest event, in bytes; a larger one is not the provider's protocol.</summary>
    public const int MaxEventBytes = LineReader.MaxLineBytes;

    private byte[]? _data;
    private ArrayBufferWriter<byte>? _moreData;
    private string? _type;

    /// <summary>
    /// The events until the stream ends. An event that the end leaves without its blank line is still given: whether
    /// the stream was complete is for its protocol to say.
    /// </summary>
    /// <exception cref="ProviderException">The connection broke, or an event is larger than <see cref="MaxEventBytes"/>.</exception>
    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new LineReader(provider, stream);
        while (await lines.FillAsync(cancellationToken))
        {
            while (TryTake(lines, out var complete))
            {
                yield return complete;
            }
        }

        Take(lines.Rest);
        if (Take([]) is { } last)
        {
            yield return last with { Unfinished = true };
        }
    }

    // Lines are spans, which may not live in an iterator.
    private bool TryTake(LineReader lines, out StreamEvent complete)
    {
        while (lines.TryRead(out var line))
        {
            if (Take(line) is { } taken)
            {
                complete = taken;
                return true;
            }
        }

        complete = default;
        return false;
    }

    /// <summary>Takes in a line; returns the event that it completes.</summary>
    private StreamEvent? Take(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            StreamEvent? complete = _data is null ? null : new StreamEvent(_type, _moreData?.WrittenSpan.ToArray() ?? _data);
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
            throw new ProviderException(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' sent an event of more than {MaxEventBytes} bytes.");
        }
    }
}
