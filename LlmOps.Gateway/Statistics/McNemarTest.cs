using MathNet.Numerics.Distributions;

namespace LlmOps.Gateway.Statistics;

/// <summary>Compares who passed the same cases: only those count in which the two differ (McNemar 1947).</summary>
internal static class McNemarTest
{
    /// <summary>
    /// The p-values: binomial, exact and mid-p (Fagerland, Lydersen, Laake 2013), and chi-square with Edwards' correction (1948).
    /// The interval: Wald's with a case more in each cell that differs (Bonett, Price 2012), which holds for few cases as well.
    /// </summary>
    /// <param name="onlyBaseline">Cases that the baseline passed, and the variant did not.</param>
    /// <param name="onlyVariant">Cases that the variant passed, and the baseline did not.</param>
    /// <param name="cases">All cases, with those in which both did the same.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null where there are no cases, or the numbers cannot be. Where no case differs, the p-values are 1.</returns>
    public static McNemarComparison? Compare(long onlyBaseline, long onlyVariant, long cases, double confidence = 0.95)
    {
        var differing = onlyBaseline + onlyVariant;
        if (cases < 1 || onlyBaseline < 0 || onlyVariant < 0 || differing > cases)
        {
            return null;
        }

        var (p0, p1) = ((onlyBaseline + 1.0) / (cases + 2), (onlyVariant + 1.0) / (cases + 2));
        var half = Distributions.NormalCritical(confidence) * Math.Sqrt((p0 + p1 - ((p1 - p0) * (p1 - p0))) / (cases + 2));
        var interval = new Interval(Math.Max(-1, p1 - p0 - half), Math.Min(1, p1 - p0 + half));
        var difference = (double)(onlyVariant - onlyBaseline) / cases;
        if (differing == 0)
        {
            return new McNemarComparison(difference, interval, 1, 1, 1);
        }

        var (exact, mid) = Binomial(Math.Min(onlyBaseline, onlyVariant), differing);
        var apart = Math.Max(0, Math.Abs(onlyVariant - onlyBaseline) - 1.0);
        return new McNemarComparison(difference, interval, mid, exact, Distributions.ChiSquareTail(apart * apart / differing, 1));
    }

    // Both tails of at most so many of n, each as probable as not. By the beta function: n may be large.
    private static (double Exact, double Mid) Binomial(long fewer, long n)
    {
        var tail = Beta.CDF(n - fewer, fewer + 1.0, 0.5);
        var below = fewer == 0 ? 0 : Beta.CDF(n - fewer + 1.0, fewer, 0.5);
        return (Math.Min(1, 2 * tail), Math.Min(1, tail + below));
    }
}
