using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class ProportionTestTests
{
    // Newcombe 1998, "Interval estimation for the difference between independent proportions", table II, method 10, all examples.
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    [InlineData(6, 7, 2, 7, 0.0582, 0.8062)]
    [InlineData(5, 56, 0, 29, -0.0381, 0.1926)]
    [InlineData(0, 10, 0, 20, -0.1611, 0.2775)]
    [InlineData(0, 10, 0, 10, -0.2775, 0.2775)]
    [InlineData(10, 10, 0, 20, 0.6791, 1)]
    [InlineData(10, 10, 0, 10, 0.6075, 1)]
    public void PublishedExample_HasItsInterval(long successes1, long count1, long successes2, long count2, double low, double high)
    {
        var comparison = ProportionTest.Compare(new Proportion(successes2, count2), new Proportion(successes1, count1))!;

        comparison.Interval.Low.ShouldBe(low, 0.00006);
        comparison.Interval.High.ShouldBe(high, 0.00006);
    }

    // Two of the four groups of smokers in Fleiss 1981, page 139: the chi-square test of a table, which the z test is, written out.
    [Fact]
    public void ManyObservations_AreComparedByThePooledTest()
    {
        var comparison = ProportionTest.Compare(new Proportion(129, 136), new Proportion(70, 82))!;

        var pooled = 199 / 218.0;
        var z = ((70 / 82.0) - (129 / 136.0)) / Math.Sqrt(pooled * (1 - pooled) * ((1 / 82.0) + (1 / 136.0)));
        comparison.IsExact.ShouldBeFalse();
        comparison.PValue.ShouldBe(Distributions.ChiSquareTail(z * z, 1), 1e-12);
        comparison.RelativeLift!.Value.ShouldBe((70 / 82.0 / (129 / 136.0)) - 1, 1e-12);
    }

    [Fact]
    public void FewExpected_AreComparedByFishersTest()
    {
        var comparison = ProportionTest.Compare(new Proportion(0, 400), new Proportion(6, 400))!;

        comparison.IsExact.ShouldBeTrue();
        comparison.PValue.ShouldBe(FisherExactTest.PValue(new Proportion(0, 400), new Proportion(6, 400)));
        comparison.RelativeLift.ShouldBeNull();
    }

    [Theory]
    [InlineData(30, 100, 45, 120)]
    [InlineData(1, 50, 4, 30)]
    public void GroupsSwapped_TurnTheSign(long successes0, long count0, long successes1, long count1)
    {
        var one = ProportionTest.Compare(new Proportion(successes0, count0), new Proportion(successes1, count1))!;
        var other = ProportionTest.Compare(new Proportion(successes1, count1), new Proportion(successes0, count0))!;

        other.Difference.ShouldBe(-one.Difference);
        other.Interval.Low.ShouldBe(-one.Interval.High, 1e-12);
        other.Interval.High.ShouldBe(-one.Interval.Low, 1e-12);
        other.PValue.ShouldBe(one.PValue, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void NothingVaries_IsNoDifference(long successes)
    {
        var comparison = ProportionTest.Compare(new Proportion(successes, 50), new Proportion(successes, 50))!;

        comparison.PValue.ShouldBe(1, 1e-9);
        comparison.Interval.Contains(0).ShouldBeTrue();
    }
}
