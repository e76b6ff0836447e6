using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class ProportionTests
{
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void PublishedExample_HasItsInterval(long successes, long count, double low, double high)
    {
        var interval = new Proportion(successes, count).Interval()!.Value;

        interval.Low.ShouldBe(low, 0.00005);
        interval.High.ShouldBe(high, 0.00005);
    }

    [Fact]
    public void FailuresInPlaceOfSuccesses_MirrorTheInterval()
    {
        var (successes, failures) = (new Proportion(7, 40).Interval()!.Value, new Proportion(33, 40).Interval()!.Value);

        failures.Low.ShouldBe(1 - successes.High, 1e-12);
        failures.High.ShouldBe(1 - successes.Low, 1e-12);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 2)]
    [InlineData(-1, 2)]
    public void NoSuchProportion_IsNotKnown(long successes, long count)
    {
        var proportion = new Proportion(successes, count);

        proportion.Rate.ShouldBeNull();
        proportion.Interval().ShouldBeNull();
        proportion.Moments.ShouldBe(default);
        ProportionTest.Compare(proportion, new Proportion(1, 2)).ShouldBeNull();
        ProportionTest.Compare(new Proportion(1, 2), proportion).ShouldBeNull();
    }

    [Fact]
    public void Moments_AreThoseOfOnesAndZeros()
    {
        var moments = new Proportion(3, 8).Moments;

        var expected = Moments.Of([1, 0, 0, 1, 0, 1, 0, 0]);
        moments.Count.ShouldBe(8);
        moments.Mean.ShouldBe(expected.Mean, 1e-12);
        moments.Variance!.Value.ShouldBe(expected.Variance!.Value, 1e-12);
    }
}
