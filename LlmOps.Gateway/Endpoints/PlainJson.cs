using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// Takes the pieces of JSON as they come, for <see cref="PlainChatCompletion"/>: half of Utf8JsonReader's time, because it
/// knows what comes next and may give up. It never takes what is not JSON (RFC 8259), and leaves exponents and escapes by
/// number untaken. The bytes must be valid UTF-8.
/// </summary>
internal ref struct PlainJson(ReadOnlySpan<byte> json)
{
    private static readonly SearchValues<byte> EndsText = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, ' ').Select(code => (byte)code)]);
    private static readonly SearchValues<byte> OfNumber = SearchValues.Create("-.0123456789"u8);

    private ReadOnlySpan<byte> _rest = json;

    /// <summary>Whether there is nothing more.</summary>
    public bool AtEnd
    {
        get
        {
            SkipSpace();
            return _rest.IsEmpty;
        }
    }

    /// <summary>Takes this byte, if it is next.</summary>
    public bool Take(byte expected)
    {
        if (_rest.IsEmpty || _rest[0] != expected)
        {
            SkipSpace();
            if (_rest.IsEmpty || _rest[0] != expected)
            {
                return false;
            }
        }

        _rest = _rest[1..];
        return true;
    }

    /// <summary>Takes the name of a member, without escapes, and its colon.</summary>
    public bool TakeName(out ReadOnlySpan<byte> name) => TakeText(out name, out var escaped) && !escaped && Take((byte)':');

    /// <summary>Takes a text; its raw bytes stand for it if nothing in it is escaped.</summary>
    public bool TakeText(out ReadOnlySpan<byte> text, out bool escaped)
    {
        text = default;
        escaped = false;
        if (!Take((byte)'"'))
        {
            return false;
        }

        var length = 0;
        while (true)
        {
            var next = _rest[length..].IndexOfAny(EndsText);
            if (next < 0)
            {
                return false;
            }

            length += next;
            if (_rest[length] == '"')
            {
                text = _rest[..length];
                _rest = _rest[(length + 1)..];
                return true;
            }

            // An escape by number may be half a character, which is JSON but no text.
            if (_rest[length] != '\\' || length + 1 == _rest.Length || !"\"\\/bfnrt"u8.Contains(_rest[length + 1]))
            {
                return false;
            }

            escaped = true;
            length += 2;
        }
    }

    /// <summary>The text that taken bytes stand for.</summary>
    /// <param name="text">The bytes, as <see cref="TakeText"/> gives them.</param>
    /// <param name="escaped">Whether something in them is escaped.</param>
    public static string TextOf(ReadOnlySpan<byte> text, bool escaped)
    {
        var raw = Encoding.UTF8.GetString(text);
        if (!escaped)
        {
            return raw;
        }

        var plain = new StringBuilder(raw.Length);
        for (var index = 0; index < raw.Length; index++)
        {
            plain.Append(raw[index] != '\\' ? raw[index] : raw[++index] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                var itself => itself,
            });
        }

        return plain.ToString();
    }

    /// <summary>Takes true or false.</summary>
    public bool TakeBoolean(out bool value)
    {
        SkipSpace();
        value = _rest.StartsWith("true"u8);
        if (!value && !_rest.StartsWith("false"u8))
        {
            return false;
        }

        _rest = _rest[(value ? 4 : 5)..];
        return true;
    }

    /// <summary>Takes a number.</summary>
    public bool TakeNumber(out double value)
    {
        var taken = TakeDigits(out var digits) & Utf8Parser.TryParse(digits, out value, out var parsed);
        return taken && parsed == digits.Length;
    }

    /// <summary>Takes a whole number.</summary>
    public bool TakeNumber(out int value)
    {
        var taken = TakeDigits(out var digits) & Utf8Parser.TryParse(digits, out value, out var parsed);
        return taken && parsed == digits.Length;
    }

    private bool TakeDigits(out ReadOnlySpan<byte> number)
    {
        SkipSpace();
        var length = _rest.IndexOfAnyExcept(OfNumber);
        number = length < 0 ? _rest : _rest[..length];
        _rest = _rest[number.Length..];
        var digits = number.StartsWith((byte)'-') ? number[1..] : number;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        return AreDigits(whole) && (whole[0] != '0' || whole.Length == 1) && (point < 0 || AreDigits(digits[(point + 1)..]));
    }

    private static bool AreDigits(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private void SkipSpace()
    {
        var length = _rest.IndexOfAnyExcept(" \t\r\n"u8);
        _rest = _rest[(length < 0 ? _rest.Length : length)..];
    }
}
