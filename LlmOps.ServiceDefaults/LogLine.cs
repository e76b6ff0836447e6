using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// A line of a log as it grows: a JSON object on one line. What is null is left out. Stands in for Utf8JsonWriter, which
/// takes nearly twice as long for a line per request (LogBenchmarks).
/// </summary>
public sealed class LogLine
{
    private const int LongestNumber = 64;
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    // What stands in JSON as it is.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code).Except("\"\\")]);

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>What is written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Bytes that the line keeps for the next one.</summary>
    internal int Capacity => _bytes.Length;

    private bool IsFirst => _bytes[_length - 1] is (byte)'{' or (byte)'[';

    /// <summary>Adds a text.</summary>
    /// <param name="name">Name of the member; only characters that JSON needs no escape for.</param>
    /// <param name="value">Its value.</param>
    public void Add(ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            Name(name);
            Text(value);
        }
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string?)"/>
    public void Add(ReadOnlySpan<byte> name, bool value)
    {
        Name(name);
        Raw(value ? "true"u8 : "false"u8);
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string?)"/>
    public void Add(ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            Name(name);
            Number(number);
        }
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string?)"/>
    public void Add(ReadOnlySpan<byte> name, float? value)
    {
        if (value is { } number && float.IsFinite(number))
        {
            Name(name);
            Number(number);
        }
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string?)"/>
    public void Add(ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            Name(name);
            Number(number);
        }
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string?)"/>
    public void Add(ReadOnlySpan<byte> name, decimal? value)
    {
        if (value is { } number)
        {
            Name(name);
            Number(number);
        }
    }

    /// <summary>Begins the line.</summary>
    public void Begin()
    {
        _length = 0;
        Raw("{"u8);
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string?)"/>
    public void Add(ReadOnlySpan<byte> name, Guid value)
    {
        Name(name);
        Raw("\""u8);
        Formatted(value, default);
        Raw("\""u8);
    }

    /// <summary>Opens an array in the line.</summary>
    public void OpenArray(ReadOnlySpan<byte> name)
    {
        Name(name);
        Raw("["u8);
    }

    /// <summary>Adds a text to the array that is open.</summary>
    public void AddItem(string value)
    {
        Separate();
        Text(value);
    }

    /// <summary>Opens an object in the array that is open.</summary>
    public void OpenItem()
    {
        Separate();
        Raw("{"u8);
    }

    /// <summary>Closes the array.</summary>
    public void CloseArray() => Raw("]"u8);

    /// <summary>Opens an object in the line.</summary>
    internal void Open(ReadOnlySpan<byte> name)
    {
        Name(name);
        Raw("{"u8);
    }

    /// <summary>Closes an object of the line, or the line itself.</summary>
    public void Close() => Raw("}"u8);

    /// <summary>Ends the line.</summary>
    public void End() => Raw("}\n"u8);

    /// <summary>Adds the time.</summary>
    internal void Add(ReadOnlySpan<byte> name, DateTimeOffset value)
    {
        Name(name);
        Raw("\""u8);
        Formatted(value, "O");
        Raw("\""u8);
    }

    /// <summary>Adds a value of whatever type, under a name of whatever characters.</summary>
    internal void Add(string name, object value)
    {
        Separate();
        Text(name);
        Raw(":"u8);
        switch (value)
        {
            case bool flag:
                Raw(flag ? "true"u8 : "false"u8);
                break;
            case int number:
                Number(number);
                break;
            case long number:
                Number(number);
                break;
            case double number when double.IsFinite(number):
                Number(number);
                break;
            case float number when float.IsFinite(number):
                Number(number);
                break;
            case decimal number:
                Number(number);
                break;
            default:
                Text(value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }
    }

    private void Separate()
    {
        if (!IsFirst)
        {
            Raw(","u8);
        }
    }

    private void Name(ReadOnlySpan<byte> name)
    {
        var room = Room(name.Length + 4);
        var at = 0;
        if (!IsFirst)
        {
            room[at++] = (byte)',';
        }

        room[at++] = (byte)'"';
        name.CopyTo(room[at..]);
        at += name.Length;
        room[at++] = (byte)'"';
        room[at++] = (byte)':';
        _length += at;
    }

    private void Text(string value)
    {
        var escaped = value.AsSpan().ContainsAnyExcept(Plain) ? Encoder.Encode(value) : value;
        var room = Room(Encoding.UTF8.GetMaxByteCount(escaped.Length) + 2);
        room[0] = (byte)'"';
        var length = Encoding.UTF8.GetBytes(escaped, room[1..]);
        room[length + 1] = (byte)'"';
        _length += length + 2;
    }

    private void Number<T>(T value)
        where T : IUtf8SpanFormattable => Formatted(value, default);

    private void Formatted<T>(T value, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(Room(LongestNumber), out var length, format, CultureInfo.InvariantCulture);
        _length += length;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        }

        return _bytes.AsSpan(_length);
    }
}
