using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class SampleRatioTests
{
    // R's documentation of chisq.test: 9.9901, 4 degrees of freedom, p = 0.04059.
    [Fact]
    public void GoodnessOfFit_HasItsPublishedResult()
    {
        var result = SampleRatio.Test([89, 37, 30, 28, 2], [40, 20, 20, 15, 5])!;

        result.ChiSquare!.Value.ShouldBe(9.9901, 0.00005);
        result.DegreesOfFreedom.ShouldBe(4);
        result.PValue.ShouldBe(0.04059, 0.000005);
        result.IsMismatch.ShouldBeFalse();
    }

    // Mendel 1866: 0.470 with 3 degrees of freedom.
    [Fact]
    public void Peas_HaveTheirPublishedResult()
    {
        var result = SampleRatio.Test([315, 108, 101, 32], [9, 3, 3, 1])!;

        result.ChiSquare!.Value.ShouldBe(0.470, 0.0005);
        result.PValue.ShouldBe(0.925, 0.0005);
        result.AlwaysValidPValue.ShouldBe(1);
    }

    [Fact]
    public void BrokenSplit_IsSeen()
    {
        SampleRatio.Test([10_300, 9_700], [1, 1])!.IsMismatch.ShouldBeTrue();
        SampleRatio.Test([10_100, 9_900], [1, 1])!.IsMismatch.ShouldBeFalse();
    }

    [Fact]
    public void VariantWithoutWeight_IsToGetNothing()
    {
        SampleRatio.Test([500, 500, 0], [1, 1, 0])!.DegreesOfFreedom.ShouldBe(1);
        SampleRatio.Test([500, 500, 1], [1, 1, 0])!.IsMismatch.ShouldBeTrue();
    }

    [Fact]
    public void ContinuousLooking_RarelyAlarms()
    {
        var random = new Random(13);
        var alarms = 0;
        for (var experiment = 0; experiment < 400; experiment++)
        {
            var (one, other, isAlarm) = (0L, 0L, false);
            for (var look = 0; look < 100; look++)
            {
                var more = Draws.Successes(random, 100, 0.5);
                (one, other) = (one + more, other + 100 - more);
                isAlarm |= SampleRatio.Test([one, other], [1, 1])!.AlwaysValidPValue <= 0.05;
            }

            alarms += isAlarm ? 1 : 0;
        }

        // 5 % of 400, and four standard errors.
        alarms.ShouldBeLessThan(38);
    }

    [Fact]
    public void TooLittleData_IsNoResult()
    {
        SampleRatio.Test([4, 4], [1, 1]).ShouldBeNull();
        SampleRatio.Test([400], [1]).ShouldBeNull();
        SampleRatio.Test([400, 400], [1]).ShouldBeNull();
        SampleRatio.Test([400, 400], [1, double.NaN]).ShouldBeNull();
        SampleRatio.Test([400, 400], [0, 0]).ShouldBeNull();
        SampleRatio.Test([400, -400], [1, 1]).ShouldBeNull();
        SampleRatio.Test([], []).ShouldBeNull();
    }
}
