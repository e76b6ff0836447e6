using System.Buffers;
using System.Text;

namespace LlmOps.Gateway.Redis;

/// <summary>What kind of value an answer is.</summary>
internal enum RedisReplyKind
{
    /// <summary>Nothing: a key or a field that is not there.</summary>
    Null,

    /// <summary>A short text, such as OK.</summary>
    SimpleString,

    /// <summary>Bytes.</summary>
    BulkString,

    /// <summary>A text with a format, which is left out here.</summary>
    VerbatimString,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A number with a fraction.</summary>
    Double,

    /// <summary>A whole number of any size; its digits are its text.</summary>
    BigNumber,

    /// <summary>True or false; as an integer 1 or 0.</summary>
    Boolean,

    /// <summary>Values in an order.</summary>
    Array,

    /// <summary>Values in no order.</summary>
    Set,

    /// <summary>Names and values, one after the other: as RESP2 sends them in an array.</summary>
    Map,

    /// <summary>Something nobody asked for, such as a message of a channel.</summary>
    Push,

    /// <summary>An error.</summary>
    Error,
}

/// <summary>An answer of Redis, the same over RESP2 and RESP3 as far as both can say it.</summary>
internal readonly struct RedisReply
{
    private static readonly SearchValues<byte> CodeLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    // The bytes of strings and errors, or the items of aggregates.
    private readonly object? _value;

    // The number; of a verbatim string where its text begins; of a double its bits.
    private readonly long _number;

    private RedisReply(RedisReplyKind kind, object? value, long number = 0) => (Kind, _value, _number) = (kind, value, number);

    /// <summary>What it is.</summary>
    public RedisReplyKind Kind { get; }

    /// <summary>Whether there is nothing.</summary>
    public bool IsNull => Kind == RedisReplyKind.Null;

    /// <summary>Whether it is an error; only elements of arrays are.</summary>
    public bool IsError => Kind == RedisReplyKind.Error;

    /// <summary>The bytes of a string.</summary>
    /// <exception cref="RedisException">It is none.</exception>
    public ReadOnlyMemory<byte> Bytes => Kind is RedisReplyKind.BulkString or RedisReplyKind.SimpleString or RedisReplyKind.VerbatimString or RedisReplyKind.BigNumber
        ? ((byte[])_value!).AsMemory((int)_number)
        : throw RedisException.Unexpected(Kind, "a string");

    /// <summary>A string as text (UTF-8).</summary>
    /// <exception cref="RedisException">It is none.</exception>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>A whole number, also where it came as a string.</summary>
    /// <exception cref="RedisException">It is none.</exception>
    public long Integer => Kind is RedisReplyKind.Integer or RedisReplyKind.Boolean ? _number
        : TryBytes(out var text) && RespNumbers.TryWhole(text, out var parsed) ? parsed
        : throw RedisException.Unexpected(Kind, "a whole number");

    /// <summary>A number, also where it came as a string.</summary>
    /// <exception cref="RedisException">It is none.</exception>
    public double Number => Kind == RedisReplyKind.Double ? BitConverter.Int64BitsToDouble(_number)
        : Kind is RedisReplyKind.Integer or RedisReplyKind.Boolean ? _number
        : TryBytes(out var text) && RespNumbers.TryDouble(text, out var parsed) ? parsed
        : throw RedisException.Unexpected(Kind, "a number");

    /// <summary>The items of an array, set or push; of a map its names and values, one after the other.</summary>
    /// <exception cref="RedisException">It has none.</exception>
    public ReadOnlySpan<RedisReply> Items => _value is RedisReply[] items ? items : throw RedisException.Unexpected(Kind, "an array");

    /// <summary>Of an error the word it begins with, if that is a code (capitals and digits), else ERR.</summary>
    internal string ErrorCode
    {
        get
        {
            var text = ((byte[])_value!).AsSpan();
            var end = text.IndexOf((byte)' ');
            var word = end < 0 ? text : text[..end];
            return word.Length is > 0 and <= 32 && !word.ContainsAnyExcept(CodeLetters) ? Encoding.ASCII.GetString(word) : "ERR";
        }
    }

    /// <summary>Whether it is the error of a replica that was told to write; Redis 6 has it within the script's error.</summary>
    internal bool IsReadOnly => IsError
        && (ErrorCode == "READONLY" || (((byte[])_value!).AsSpan().StartsWith("ERR Error running script"u8) && ((byte[])_value!).AsSpan().IndexOf("-READONLY "u8) >= 0));

    /// <summary>Of an error all of it.</summary>
    internal string ErrorText => Encoding.UTF8.GetString((byte[])_value!);

    /// <summary>A string or an error.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="from">Where its text begins.</param>
    internal static RedisReply Of(RedisReplyKind kind, byte[] bytes, int from = 0) => new(kind, bytes, from);

    /// <summary>An aggregate.</summary>
    internal static RedisReply Of(RedisReplyKind kind, RedisReply[] items) => new(kind, items);

    /// <summary>A whole number.</summary>
    internal static RedisReply Of(long number) => new(RedisReplyKind.Integer, null, number);

    /// <summary>A number with a fraction.</summary>
    internal static RedisReply Of(double number) => new(RedisReplyKind.Double, null, BitConverter.DoubleToInt64Bits(number));

    /// <summary>True or false.</summary>
    internal static RedisReply Of(bool value) => new(RedisReplyKind.Boolean, null, value ? 1 : 0);

    private bool TryBytes(out ReadOnlySpan<byte> text)
    {
        var isString = Kind is RedisReplyKind.BulkString or RedisReplyKind.SimpleString or RedisReplyKind.BigNumber;
        text = isString ? (byte[])_value! : default;
        return isString;
    }
}
