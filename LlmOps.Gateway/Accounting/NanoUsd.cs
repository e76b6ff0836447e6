using System.Globalization;

namespace LlmOps.Gateway.Accounting;

/// <summary>An amount of money in billionths of a US dollar; whole, so that sums are exact.</summary>
/// <param name="Value">Billionths of a dollar, not negative.</param>
internal readonly record struct NanoUsd(long Value)
{
    private const decimal PerDollar = 1_000_000_000m;
    private const byte MostDecimals = 9;

    /// <summary>The amount in dollars.</summary>
    public decimal Dollars
    {
        get
        {
            // A division of decimals takes as long as the rest of a log line's numbers.
            var (value, scale) = (Value, MostDecimals);
            while (scale > 0 && value % 10 == 0)
            {
                value /= 10;
                scale--;
            }

            return new decimal((int)value, (int)(value >> 32), 0, isNegative: false, scale);
        }
    }

    /// <summary>Rounded up to the next billionth.</summary>
    public static NanoUsd FromDollars(decimal dollars) => new((long)decimal.Ceiling(dollars * PerDollar));

    /// <summary>Dollars, such as 0.000012345; never in exponents.</summary>
    public override string ToString() => Dollars.ToString(CultureInfo.InvariantCulture);
}
