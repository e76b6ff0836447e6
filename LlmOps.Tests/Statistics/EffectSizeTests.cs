using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class EffectSizeTests
{
    // Student's sleep: t = 4.0621 of ten pairs, so that d_z = t / √10 = 1.285 (Lakens 2013, eq. 7).
    [Fact]
    public void CohensDz_IsTheMeanInDeviations()
    {
        var differences = Moments.Of(Observations.Differences(KnownData.SleepFirst, KnownData.SleepSecond));

        EffectSize.CohensDz(differences.Mean, Math.Sqrt(differences.Variance!.Value))!.Value.ShouldBe(4.0621 / Math.Sqrt(10), 0.0001);
        EffectSize.CohensDz(0.1, 0).ShouldBeNull();
    }

    // Agresti 2002, section 10.1.1: of 236 who changed their mind 86 came to approve.
    [Fact]
    public void CohensG_IsAboveAHalf()
    {
        EffectSize.CohensG(150, 86)!.Value.ShouldBe((86 / 236.0) - 0.5, 1e-12);
        EffectSize.CohensG(0, 4).ShouldBe(0.5);
        EffectSize.CohensG(0, 0).ShouldBeNull();
    }

    // Hollander, Wolfe 1973, page 29: V = 40 of a rank sum of 45, so that 40/45 are in favour and 5/45 against.
    [Fact]
    public void RankBiserial_IsTheSimpleDifference()
    {
        var comparison = SignedRankTest.Compare(KnownData.DepressionAfter, KnownData.DepressionBefore)!;

        EffectSize.RankBiserial(comparison.Statistic, 9)!.Value.ShouldBe((40 / 45.0) - (5 / 45.0), 1e-12);
        EffectSize.RankBiserial(0, 0).ShouldBeNull();
    }
}
