using System.Globalization;

namespace LlmOps.Gateway.Accounting;

/// <summary>An amount of money in billionths of a US dollar; whole, so that sums are exact.</summary>
/// <param name="Value">Billionths of a dollar, not negative.</param>
internal readonly record struct NanoUsd(long Value)
{
    private const decimal PerDollar = 1_000_000_000m;

    /// <summary>The amount in dollars.</summary>
    public decimal Dollars => Value / PerDollar;

    /// <summary>Rounded up to the next billionth.</summary>
    public static NanoUsd FromDollars(decimal dollars) => new((long)decimal.Ceiling(dollars * PerDollar));

    /// <summary>Dollars, such as 0.000012345; never in exponents.</summary>
    public override string ToString() => Dollars.ToString(CultureInfo.InvariantCulture);
}
