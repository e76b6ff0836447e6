using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>A JSON number as it is written: digits times a power of ten, never rounded, so that 0.3 is a multiple of 0.1.</summary>
internal readonly struct ExactNumber : IComparable<ExactNumber>
{
    // Without zeros at the end.
    private readonly BigInteger _digits;
    private readonly int _length;
    private readonly int _exponent;

    private ExactNumber(BigInteger digits, int length, int exponent) =>
        (_digits, _length, _exponent) = (digits, length, exponent);

    /// <summary>Whether it has no fraction: 1, 1.0 and 10e-1 have none.</summary>
    public bool IsInteger => _exponent >= 0;

    /// <summary>Whether it is greater than zero.</summary>
    public bool IsPositive => _digits.Sign > 0;

    /// <summary>The number of an element that <see cref="UnusableJson"/> let pass.</summary>
    public static ExactNumber Of(JsonElement number)
    {
        var text = number.GetRawText();
        var e = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }

        var isNegative = mantissa[0] == '-';
        var digits = mantissa.TrimStart('-').TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
        {
            return default;
        }

        var value = BigInteger.Parse(significant, NumberStyles.None, CultureInfo.InvariantCulture);
        return new ExactNumber(isNegative ? -value : value, significant.Length, exponent + digits.Length - significant.Length);
    }

    /// <summary>Whether it is a whole number of times another one, which is greater than zero.</summary>
    public bool IsMultipleOf(ExactNumber other)
    {
        // Digits that do not end in zero are no multiple of anything times ten.
        var shift = _exponent - other._exponent;
        return _digits.IsZero || (shift >= 0 && (BigInteger.ModPow(10, shift, other._digits) * _digits % other._digits).IsZero);
    }

    public int CompareTo(ExactNumber other)
    {
        var sign = _digits.Sign;
        if (sign != other._digits.Sign || sign == 0)
        {
            return sign.CompareTo(other._digits.Sign);
        }

        // Where the first digit stands decides; only where both stand at the same place the powers of ten are written out.
        var place = (_length + _exponent).CompareTo(other._length + other._exponent);
        if (place != 0)
        {
            return place * sign;
        }

        var shift = _exponent - other._exponent;
        return shift >= 0
            ? (_digits * BigInteger.Pow(10, shift)).CompareTo(other._digits)
            : _digits.CompareTo(other._digits * BigInteger.Pow(10, -shift));
    }
}
