using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

/// <summary>Small simulations by fixed seeds; benchmarks/LlmOps.Benchmarks.Statistics has the large ones.</summary>
public sealed class SimulationTests
{
    private const int Experiments = 800;

    [Fact]
    public void MeansThatDiffer_AreCoveredByTheirInterval()
    {
        var random = new Random(20);
        Covers(() => WelchTest.Compare(Draws.Normal(random, 15), Draws.Normal(random, 40, 1, 3))!.Interval.Contains(1));
    }

    [Fact]
    public void RatesThatDiffer_AreCoveredByTheirInterval()
    {
        var random = new Random(21);
        Covers(() => ProportionTest.Compare(new Proportion(Draws.Successes(random, 120, 0.1), 120), new Proportion(Draws.Successes(random, 90, 0.2), 90))!.Interval.Contains(0.1));
    }

    [Fact]
    public void ShiftedValues_AreCoveredByTheirInterval()
    {
        var random = new Random(22);
        Covers(() => MannWhitneyTest.Compare(Draws.LogNormal(random, 60), Array.ConvertAll(Draws.LogNormal(random, 50), value => value + 2))!.Interval!.Value.Contains(2));
    }

    [Fact]
    public void Pairs_AreCoveredByTheirInterval()
    {
        var random = new Random(23);
        Covers(() => SignedRankTest.Compare(new double[55], Draws.Normal(random, 55, 0.5))!.Interval!.Value.Contains(0.5));
        double[] ones = [.. Enumerable.Repeat(1.0, 12)];
        Covers(() => BcaBootstrap.OfMean(Draws.Normal(random, 12, 0.5), ones, random.Next())!.Value.Contains(0.5));
    }

    [Fact]
    public void Medians_AreCoveredByTheirInterval()
    {
        var random = new Random(24);
        Covers(() => QuantileTest.Compare(Draws.LogNormal(random, 200), Draws.LogNormal(random, 200), 0.5, random.Next(), 400)!.Interval.Contains(0));
    }

    [Fact]
    public void NoDifference_IsSeldomSeen()
    {
        var random = new Random(25);
        Covers(() => WelchTest.Compare(Draws.Normal(random, 30), Draws.Normal(random, 30))!.PValue > 0.05);
        Covers(() => MannWhitneyTest.Compare(Draws.LogNormal(random, 30), Draws.LogNormal(random, 30))!.PValue > 0.05);
        Covers(() => SignFlipTest.Test(Draws.Normal(random, 12), 1)!.PValue > 0.05);
    }

    [Fact]
    public void ContinuousLooking_SeldomSeesADifferenceThatIsNone()
    {
        var random = new Random(26);
        var sequence = new ConfidenceSequence();
        var (seen, seenFixed) = (0, 0);
        for (var experiment = 0; experiment < 400; experiment++)
        {
            var (baseline, variant) = (default(Moments), default(Moments));
            var (isSeen, isSeenFixed) = (false, false);
            for (var look = 0; look < 50; look++)
            {
                baseline = baseline.Merge(Moments.Of(Draws.LogNormal(random, 40)));
                variant = variant.Merge(Moments.Of(Draws.LogNormal(random, 40)));
                isSeen |= sequence.Compare(baseline, variant) is { PValue: <= 0.05 };
                isSeenFixed |= WelchTest.Compare(baseline, variant) is { PValue: <= 0.05 };
            }

            seen += isSeen ? 1 : 0;
            seenFixed += isSeenFixed ? 1 : 0;
        }

        // 5 % of 400, and four standard errors; a test for one look sees something in every third experiment.
        seen.ShouldBeLessThan(38);
        seenFixed.ShouldBeGreaterThan(80);
    }

    // 95 % of the experiments, within four standard errors.
    private static void Covers(Func<bool> experiment)
    {
        var covered = Enumerable.Range(0, Experiments).Count(_ => experiment());

        covered.ShouldBeInRange((int)(0.95 * Experiments) - 25, (int)(0.95 * Experiments) + 25);
    }
}
