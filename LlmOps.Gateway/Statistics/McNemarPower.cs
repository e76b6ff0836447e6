using MathNet.Numerics.Distributions;

namespace LlmOps.Gateway.Statistics;

/// <summary>
/// How probably McNemar's test finds a difference, counted out: over how many cases differ, and how many of them one way (Duffy 1984, "Asymptotic and exact
/// power for the McNemar test"), with the mid-p. Where few cases differ the normal approximation is far too low.
/// </summary>
/// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
internal sealed class McNemarPower(double alpha)
{
    // How many cases may at most differ the other way, by how many differ; -1 where so few never show a difference.
    private readonly List<int> _critical = [-1];

    /// <summary>The probability, 0 to 1.</summary>
    /// <param name="differing">The share of cases that one of both passes, and the other does not; above 0, at most 1.</param>
    /// <param name="effect">The difference of the rates, 0 to <paramref name="differing"/>.</param>
    /// <param name="cases">All cases, at least 1; time grows with the root of those that differ.</param>
    public double Of(double differing, double effect, int cases)
    {
        var spread = 3 + (6 * Math.Sqrt(cases * differing * (1 - differing)));
        var (least, most) = ((int)Math.Max(0, (cases * differing) - spread), (int)Math.Min(cases, (cases * differing) + spread));
        var share = Math.Min(1, (1 + (effect / differing)) / 2);
        var power = 0.0;
        for (var count = least; count <= most; count++)
        {
            if (Critical(count) is >= 0 and var critical)
            {
                power += Binomial.PMF(differing, cases, count) * (Binomial.CDF(1 - share, count, critical) + Binomial.CDF(share, count, critical));
            }
        }

        return Math.Min(1, power);
    }

    // Of one case more that differs at most one more may do so the other way.
    private int Critical(int count)
    {
        while (_critical.Count <= count)
        {
            var (next, last) = (_critical.Count, _critical[^1]);
            _critical.Add(McNemarTest.Compare(last + 1, next - last - 1, next)!.PValue <= alpha ? last + 1 : last);
        }

        return _critical[count];
    }
}
