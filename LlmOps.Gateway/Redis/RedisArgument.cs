using System.Buffers;
using System.Globalization;
using System.Text;

namespace LlmOps.Gateway.Redis;

/// <summary>One argument of a command: text (as UTF-8), bytes as they are, or a number.</summary>
internal readonly struct RedisArgument
{
    private readonly string? _text;
    private readonly ReadOnlyMemory<byte> _bytes;

    private RedisArgument(string? text, ReadOnlyMemory<byte> bytes, bool isKey = false) => (_text, _bytes, IsKey) = (text, bytes, isKey);

    /// <summary>Whether it is a key, which in a cluster decides the node.</summary>
    public bool IsKey { get; }

    /// <summary>Its length in bytes.</summary>
    public int Length => _text is null ? _bytes.Length : Encoding.UTF8.GetByteCount(_text);

    /// <summary>The same as a key.</summary>
    public static RedisArgument Key(RedisArgument name) => new(name._text, name._bytes, isKey: true);

    public static implicit operator RedisArgument(string text) => new(text ?? throw new ArgumentNullException(nameof(text)), default);

    public static implicit operator RedisArgument(byte[] bytes) => new(null, bytes ?? throw new ArgumentNullException(nameof(bytes)));

    public static implicit operator RedisArgument(ReadOnlyMemory<byte> bytes) => new(null, bytes);

    public static implicit operator RedisArgument(long number) => new(number.ToString(CultureInfo.InvariantCulture), default);

    public static implicit operator RedisArgument(double number) => new(number.ToString("R", CultureInfo.InvariantCulture), default);

    /// <summary>Writes its bytes.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        if (_text is null)
        {
            output.Write(_bytes.Span);
        }
        else
        {
            Encoding.UTF8.GetBytes(_text, output);
        }
    }

    /// <summary>Its bytes as a new array, or those it was made of.</summary>
    public ReadOnlyMemory<byte> ToBytes() => _text is null ? _bytes : Encoding.UTF8.GetBytes(_text);
}
