using System.Buffers.Text;

namespace LlmOps.Gateway.Redis;

/// <summary>Numbers as Redis writes them.</summary>
internal static class RespNumbers
{
    /// <summary>Reads a number with a fraction; it may be inf, -inf or nan.</summary>
    public static bool TryDouble(ReadOnlySpan<byte> text, out double value)
    {
        if (Utf8Parser.TryParse(text, out value, out var length) && length == text.Length)
        {
            return true;
        }

        var special = text switch
        {
            _ when text.SequenceEqual("inf"u8) => double.PositiveInfinity,
            _ when text.SequenceEqual("-inf"u8) => double.NegativeInfinity,
            _ when text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8) => double.NaN,
            _ => (double?)null,
        };
        value = special ?? 0;
        return special is not null;
    }

    /// <summary>Reads a whole number of 64 bits.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> text, out long value) => Utf8Parser.TryParse(text, out value, out var length) && length == text.Length;
}
