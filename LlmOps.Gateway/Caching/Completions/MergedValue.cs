using System.Text.Json;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>
/// A text, a number, or a list or object of which nobody looks into the parts: JSON as it came. Texts stay escaped as they
/// are, so that the halves of a character that the server has cut in two chunks are one again where the pieces meet.
/// </summary>
internal sealed class MergedValue : MergedNode
{
    private readonly MergeRule _rule;
    private readonly MergedLength _length;

    // None as long as it is null; Number for truth values too.
    private JsonTokenType _kind;

    // But for numbers without the last byte, the quote or bracket, which has a place behind.
    private byte[] _bytes = [];
    private int _count;

    /// <summary>A value that is null.</summary>
    public MergedValue(MergeRule rule, MergedLength length)
    {
        (_rule, _length) = (rule, length);
        length.Bytes += "null".Length;
    }

    /// <summary>Whether it is a text that says something.</summary>
    public bool HasText => _kind == JsonTokenType.String && !IsEmpty;

    /// <summary>Whether it is an object that says something.</summary>
    public bool HasMembers => _kind == JsonTokenType.StartObject && !IsEmpty;

    // What comes after nothing is no continuation.
    private bool IsEmpty => _kind == JsonTokenType.None || (_kind != JsonTokenType.Number && _count == 1);

    /// <inheritdoc/>
    public override void Merge(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                break;
            case JsonTokenType.String:
                Add(JsonTokenType.String, reader.ValueSpan);
                break;
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var kind = reader.TokenType;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                Add(kind, json[(start + 1)..((int)reader.BytesConsumed - 1)].Trim(" \t\r\n"u8));
                break;
            default:
                SetNumber(reader.ValueSpan);
                break;
        }
    }

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter json)
    {
        if (_kind == JsonTokenType.None)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteRawValue(Whole(), skipInputValidation: true);
        }
    }

    /// <summary>The text, without escapes.</summary>
    public ReadOnlySpan<byte> Text()
    {
        var text = _bytes.AsSpan(1, _count - 1);
        if (!text.Contains((byte)'\\'))
        {
            return text;
        }

        var reader = new Utf8JsonReader(Whole());
        reader.Read();
        var plain = new byte[text.Length];
        return plain.AsSpan(0, reader.CopyString(plain));
    }

    private void Add(JsonTokenType kind, ReadOnlySpan<byte> inner)
    {
        if (inner.IsEmpty && _kind != JsonTokenType.None)
        {
            return;
        }

        var same = kind == _kind && inner.SequenceEqual(_bytes.AsSpan(1, _count - 1));
        if (IsEmpty || (MayReplace(kind) && !same))
        {
            Begin(kind);
            Append(inner);
        }
        else if (kind == _kind && _rule == MergeRule.Joined && kind == JsonTokenType.String)
        {
            Append(inner);
        }
        else if (kind == _kind && _rule == MergeRule.Listed && kind == JsonTokenType.StartArray)
        {
            Append(","u8);
            Append(inner);
        }
        else if (!same || !(MayReplace(kind) || (_rule == MergeRule.Repeated && kind == JsonTokenType.String)))
        {
            throw Uncertain("a value is said twice");
        }
    }

    private bool MayReplace(JsonTokenType kind) => _rule == MergeRule.Latest || (_rule == MergeRule.LatestUnlessList && kind != JsonTokenType.StartArray);

    private void SetNumber(ReadOnlySpan<byte> number)
    {
        if (_kind is not (JsonTokenType.None or JsonTokenType.Number) && !MayReplace(JsonTokenType.Number))
        {
            throw Uncertain("a value is of two kinds");
        }

        if (_kind != JsonTokenType.Number || !number.SequenceEqual(_bytes.AsSpan(0, _count)))
        {
            _length.Bytes -= _count;
            (_kind, _count) = (JsonTokenType.Number, 0);
            Append(number);
        }
    }

    private void Begin(JsonTokenType kind)
    {
        _length.Bytes -= _count;
        (_kind, _count) = (kind, 0);
        Append(kind switch
        {
            JsonTokenType.String => "\""u8,
            JsonTokenType.StartArray => "["u8,
            _ => "{"u8,
        });
    }

    private void Append(ReadOnlySpan<byte> more)
    {
        if (_bytes.Length <= _count + more.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_count + more.Length + 1, Math.Min(2 * _count, Array.MaxLength)));
        }

        more.CopyTo(_bytes.AsSpan(_count));
        _count += more.Length;
        _length.Bytes += more.Length;
    }

    private ReadOnlySpan<byte> Whole()
    {
        if (_kind == JsonTokenType.Number)
        {
            return _bytes.AsSpan(0, _count);
        }

        _bytes[_count] = _kind switch
        {
            JsonTokenType.String => (byte)'"',
            JsonTokenType.StartArray => (byte)']',
            _ => (byte)'}',
        };
        return _bytes.AsSpan(0, _count + 1);
    }
}
