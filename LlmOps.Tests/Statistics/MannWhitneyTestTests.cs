using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class MannWhitneyTestTests
{
    // R's documentation of wilcox.test: W = 35, p = 0.1272 one-sided; Hollander, Wolfe 1973, pages 69 to 82, for shift and interval.
    [Fact]
    public void Permeability_HasItsPublishedResult()
    {
        var comparison = MannWhitneyTest.Compare(KnownData.MembraneBefore, KnownData.MembraneAtTerm)!;

        comparison.IsExact.ShouldBeTrue();
        comparison.Statistic.ShouldBe(35);
        comparison.PValue.ShouldBe(2 * 0.1272, 0.0001);
        comparison.Superiority.ShouldBe(0.7);
        comparison.CliffsDelta.ShouldBe(0.4, 1e-12);
        comparison.Shift.ShouldBe(0.305, 1e-12);
        comparison.Interval!.Value.Low.ShouldBe(-0.15, 1e-12);
        comparison.Interval!.Value.High.ShouldBe(0.76, 1e-12);
    }

    // R's documentation of wilcox.test: Ozone ~ Month in May and August, with ties and missing days: W = 127.5, p = 0.0001208.
    [Fact]
    public void Ozone_HasItsPublishedResult()
    {
        var comparison = MannWhitneyTest.Compare(KnownData.OzoneInAugust, KnownData.OzoneInMay)!;

        comparison.IsExact.ShouldBeFalse();
        comparison.Statistic.ShouldBe(127.5);
        comparison.PValue.ShouldBe(0.0001208, 0.00000005);
    }

    [Fact]
    public void Distribution_IsThatOfAllArrangements()
    {
        // All ways to choose which 4 of 9 ranks belong to the second group.
        var counts = new double[21];
        for (var ranks = 0; ranks < 1 << 9; ranks++)
        {
            if (int.PopCount(ranks) == 4)
            {
                counts[Enumerable.Range(0, 9).Where(rank => (ranks >> rank & 1) == 1).Sum() - 6]++;
            }
        }

        for (var statistic = 0; statistic <= 10; statistic++)
        {
            RankDistributions.MannWhitney(5, 4).PValue(statistic).ShouldBe(Math.Min(1, 2 * counts.Take(statistic + 1).Sum() / 126), 1e-12);
        }
    }

    [Fact]
    public void LargestExactDistribution_IsNearTheNormalOne()
    {
        var exact = RankDistributions.MannWhitney(49, 49);

        var deviation = Math.Sqrt(49 * 49 * 99 / 12.0);
        exact.PValue(950).ShouldBe(Distributions.NormalTails((1200.5 - 950 - 0.5) / deviation), 0.001);
        exact.PValue(0).ShouldBe(2 / 2.5477612258980856902730428600e28, 1e-40);
    }

    [Fact]
    public void Shift_IsTheMedianOfAllDifferences()
    {
        var random = new Random(2);
        for (var round = 0; round < 40; round++)
        {
            var (x, y) = (Draws.Normal(random, random.Next(2, 12)), Draws.Normal(random, random.Next(2, 12), 3));
            var differences = y.SelectMany(each => x.Select(other => each - other)).Order().ToArray();

            MannWhitneyTest.Compare(x, y)!.Shift.ShouldBe(Quantiles.OfSorted(differences, 0.5), 1e-12);
        }
    }

    [Fact]
    public void GroupsSwapped_TurnTheSign()
    {
        var one = MannWhitneyTest.Compare(KnownData.OzoneInMay, KnownData.OzoneInAugust)!;
        var other = MannWhitneyTest.Compare(KnownData.OzoneInAugust, KnownData.OzoneInMay)!;

        other.Shift.ShouldBe(-one.Shift);
        other.CliffsDelta.ShouldBe(-one.CliffsDelta, 1e-12);
        other.PValue.ShouldBe(one.PValue, 1e-12);
        other.Interval!.Value.ShouldBe(new Interval(-one.Interval!.Value.High, -one.Interval!.Value.Low));
    }

    [Fact]
    public void ManyValues_AreCompared()
    {
        var random = new Random(3);
        var (x, y) = (Draws.Normal(random, 50_000), Draws.Normal(random, 50_000, 0.1));

        var comparison = MannWhitneyTest.Compare(x, y)!;

        comparison.Shift.ShouldBe(0.1, 0.03);
        comparison.Interval!.Value.Contains(comparison.Shift).ShouldBeTrue();
        comparison.Interval!.Value.Width.ShouldBe(2 * 1.96 * Math.Sqrt(Math.PI / 3) * Math.Sqrt(2 / 50_000.0), 0.003);
    }

    [Fact]
    public void VeryFewValues_HaveNoInterval()
    {
        var comparison = MannWhitneyTest.Compare([1, 2], [3, 4])!;

        comparison.PValue.ShouldBe(1 / 3.0, 1e-12);
        comparison.Interval.ShouldBeNull();
    }

    [Theory]
    [InlineData(new[] { 1.0 }, new[] { 1.0, 2, 3 })]
    [InlineData(new[] { 1.0, double.NaN }, new[] { 1.0, 2, 3 })]
    [InlineData(new[] { 1.0, 1 }, new[] { 1.0, 1, 1 })]
    public void TooLittleData_IsNoResult(double[] baseline, double[] variant)
    {
        MannWhitneyTest.Compare(baseline, variant).ShouldBeNull();
        MannWhitneyTest.Compare(variant, baseline).ShouldBeNull();
    }
}
