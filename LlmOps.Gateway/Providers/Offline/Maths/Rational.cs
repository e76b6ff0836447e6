using System.Globalization;
using System.Numerics;

namespace LlmOps.Gateway.Providers.Offline.Maths;

/// <summary>An exact fraction in lowest terms; the denominator is positive.</summary>
internal readonly record struct Rational
{
    /// <summary>Largest size of numerator and denominator that is calculated with.</summary>
    public const int MaxBits = 4096;

    /// <summary>Most digits after the point of an exact result, more are rounded.</summary>
    private const int MaxDecimals = 40;

    private Rational(BigInteger numerator, BigInteger denominator) => (Numerator, Denominator) = (numerator, denominator);

    /// <summary>What is divided; carries the sign.</summary>
    public BigInteger Numerator { get; }

    /// <summary>What it is divided by; positive.</summary>
    public BigInteger Denominator { get; }

    /// <summary>Whether it is outside what is calculated with.</summary>
    public bool IsTooLarge => Numerator.GetBitLength() > MaxBits || Denominator.GetBitLength() > MaxBits;

    /// <summary>Whether it is a whole number.</summary>
    public bool IsInteger => Denominator.IsOne;

    /// <summary>A fraction; <paramref name="denominator"/> is not zero.</summary>
    public static Rational Of(BigInteger numerator, BigInteger denominator)
    {
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        return new Rational(numerator / divisor, denominator / divisor);
    }

    /// <summary>A whole number.</summary>
    public static Rational Of(BigInteger value) => new(value, BigInteger.One);

    /// <summary>Reads digits with at most one point, such as "12.50".</summary>
    public static Rational Parse(string digits)
    {
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? digits : digits.Remove(point, 1);
        return Of(BigInteger.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture), BigInteger.Pow(10, point < 0 ? 0 : digits.Length - point - 1));
    }

    public static Rational operator +(Rational left, Rational right) => Of((left.Numerator * right.Denominator) + (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static Rational operator -(Rational left, Rational right) => left + -right;

    public static Rational operator -(Rational value) => new(-value.Numerator, value.Denominator);

    public static Rational operator *(Rational left, Rational right) => Of(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    /// <summary>The quotient; <paramref name="right"/> is not zero.</summary>
    public static Rational operator /(Rational left, Rational right) => Of(left.Numerator * right.Denominator, left.Denominator * right.Numerator);

    /// <summary>The power; null if it is too large. Zero to a negative power is not asked for.</summary>
    public Rational? Pow(int exponent)
    {
        // Zero, one and minus one stay small however often they are multiplied.
        if ((Numerator.IsZero && exponent > 0) || this == Of(1))
        {
            return this;
        }

        if (this == Of(-1))
        {
            return exponent % 2 == 0 ? Of(1) : this;
        }

        int size = Math.Abs(exponent);
        if (Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength()) * size > MaxBits)
        {
            return null;
        }

        var (up, down) = (BigInteger.Pow(Numerator, size), BigInteger.Pow(Denominator, size));
        return exponent < 0 ? Of(down, up) : Of(up, down);
    }

    /// <summary>The square root of a value that is not negative, rounded to twenty digits after the point if it is irrational.</summary>
    public (Rational Root, bool Exact) Sqrt()
    {
        var (up, down) = (Root(Numerator), Root(Denominator));
        var scale = BigInteger.Pow(10, 20);
        return up * up == Numerator && down * down == Denominator
            ? (Of(up, down), true)
            : (Of(Root(Numerator * scale * scale / Denominator), scale), false);
    }

    /// <summary>Decimal digits without grouping, and whether they are all of them.</summary>
    /// <param name="maxDecimals">Most digits after the point of an exact result.</param>
    public (string Text, bool Exact) ToText(int maxDecimals = MaxDecimals)
    {
        for (int decimals = 0; decimals <= maxDecimals; decimals++)
        {
            var scaled = BigInteger.DivRem(Numerator * BigInteger.Pow(10, decimals), Denominator, out var remainder);
            if (remainder.IsZero)
            {
                return (Digits(scaled, decimals), true);
            }
        }

        // Ten digits after the point, more if they would be mostly zeros.
        int places = 10;
        while (places < MaxDecimals && BigInteger.Abs(Numerator) * BigInteger.Pow(10, places) / Denominator < 100_000)
        {
            places++;
        }

        var twice = BigInteger.Abs(Numerator) * BigInteger.Pow(10, places) * 2 / Denominator;
        return (Digits((twice + 1) / 2 * Numerator.Sign, places).TrimEnd('0').TrimEnd('.'), false);
    }

    private static string Digits(BigInteger scaled, int decimals)
    {
        string digits = BigInteger.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return (scaled.Sign < 0 ? "-" : "") + (decimals == 0 ? digits : digits[..^decimals] + "." + digits[^decimals..]);
    }

    // Newton's method from above; it halves the error's exponent with each step.
    private static BigInteger Root(BigInteger value)
    {
        if (value < 2)
        {
            return value;
        }

        var root = BigInteger.One << (int)((value.GetBitLength() / 2) + 1);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }
}
