using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class WelchTestTests
{
    // R's documentation of t.test: t.test(extra ~ group, data = sleep), there first minus second.
    [Fact]
    public void Sleep_HasItsPublishedResult()
    {
        var comparison = WelchTest.Compare(KnownData.SleepSecond, KnownData.SleepFirst)!;

        comparison.Statistic.ShouldBe(-1.8608, 0.00005);
        comparison.DegreesOfFreedom.ShouldBe(17.776, 0.0005);
        comparison.PValue.ShouldBe(0.07939, 0.000005);
        comparison.Difference.ShouldBe(-1.58, 1e-9);
        comparison.Interval.Low.ShouldBe(-3.3654832, 1e-6);
        comparison.Interval.High.ShouldBe(0.2054832, 1e-6);
    }

    [Fact]
    public void SummaryAndValues_GiveTheSame()
    {
        var ofValues = WelchTest.Compare(KnownData.SleepFirst, KnownData.SleepSecond)!;

        var ofSummary = WelchTest.Compare(Moments.Of(10, 0.75, 3.200556), Moments.Of(10, 2.33, 4.009))!;

        ofSummary.PValue.ShouldBe(ofValues.PValue, 1e-6);
        ofSummary.RelativeLift!.Value.ShouldBe(1.58 / 0.75, 1e-9);
        ofValues.RelativeLift!.Value.ShouldBe(1.58 / 0.75, 1e-9);
    }

    [Fact]
    public void UnitOfTheValues_DoesNotMatter()
    {
        var seconds = WelchTest.Compare(KnownData.SleepFirst, KnownData.SleepSecond)!;

        foreach (var unit in new[] { 1e-90, 1e90 })
        {
            var other = WelchTest.Compare(Array.ConvertAll(KnownData.SleepFirst, value => value * unit), Array.ConvertAll(KnownData.SleepSecond, value => value * unit))!;
            other.PValue.ShouldBe(seconds.PValue, 1e-9);
            other.DegreesOfFreedom.ShouldBe(seconds.DegreesOfFreedom, 1e-9);
        }
    }

    [Fact]
    public void GroupsSwapped_TurnTheSign()
    {
        var one = WelchTest.Compare(KnownData.SleepFirst, KnownData.SleepSecond)!;
        var other = WelchTest.Compare(KnownData.SleepSecond, KnownData.SleepFirst)!;

        other.Difference.ShouldBe(-one.Difference, 1e-12);
        other.Interval.Low.ShouldBe(-one.Interval.High, 1e-12);
        other.PValue.ShouldBe(one.PValue, 1e-12);
    }

    [Theory]
    [InlineData(new double[] { }, new double[] { 1, 2, 3 })]
    [InlineData(new[] { 1.0 }, new[] { 1.0, 2, 3 })]
    [InlineData(new[] { 1.0, double.NaN }, new[] { 1.0, 2, 3 })]
    [InlineData(new[] { 1.0, 1, 1 }, new[] { 2.0, 2 })]
    public void TooLittleData_IsNoResult(double[] baseline, double[] variant)
    {
        WelchTest.Compare(baseline, variant).ShouldBeNull();
        WelchTest.Compare(variant, baseline).ShouldBeNull();
    }

    [Theory]
    [InlineData(10, double.NaN, 1)]
    [InlineData(10, 1, double.NaN)]
    [InlineData(10, 1, double.PositiveInfinity)]
    [InlineData(10, 1, -5)]
    [InlineData(-3, 1, 1)]
    public void SummaryThatCannotBe_IsNoResult(long count, double mean, double variance) =>
        WelchTest.Compare(Moments.Of(count, mean, variance), Moments.Of(10, 2, 1)).ShouldBeNull();
}
