using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class McNemarTestTests
{
    // Agresti 2002, section 10.1.1, approval of the prime minister: z² = 17.36 without correction, and -0.04 with (-0.06, -0.02).
    [Fact]
    public void Approval_HasItsPublishedResult()
    {
        var comparison = McNemarTest.Compare(onlyBaseline: 150, onlyVariant: 86, cases: 1_600)!;

        comparison.Difference.ShouldBe(-0.04, 1e-12);
        comparison.Interval.Low.ShouldBe(-0.06, 0.005);
        comparison.Interval.High.ShouldBe(-0.02, 0.005);
        comparison.CorrectedPValue.ShouldBe(Distributions.ChiSquareTail(63.0 * 63 / 236, 1), 1e-15);
        comparison.PValue.ShouldBe(Distributions.ChiSquareTail(17.36, 1), 3e-6);
        comparison.ExactPValue.ShouldBeGreaterThan(comparison.PValue);
    }

    // Fagerland, Lydersen, Laake 2013 (Bentur et al. 2009): exact 0.070, mid-p 0.039, corrected 0.077.
    [Fact]
    public void FewCases_HaveTheirPublishedResult()
    {
        var comparison = McNemarTest.Compare(onlyBaseline: 1, onlyVariant: 7, cases: 21)!;

        comparison.ExactPValue.ShouldBe(0.0703125, 1e-12);
        comparison.PValue.ShouldBe(0.0390625, 1e-12);
        comparison.CorrectedPValue.ShouldBe(0.077, 0.0005);
        comparison.Interval.Low.ShouldBe(0.0133798, 1e-6);
        comparison.Interval.High.ShouldBe(0.5083593, 1e-6);
    }

    [Fact]
    public void Swapped_TurnsTheSign()
    {
        var (one, other) = (McNemarTest.Compare(5, 12, 90)!, McNemarTest.Compare(12, 5, 90)!);

        other.Difference.ShouldBe(-one.Difference);
        other.PValue.ShouldBe(one.PValue);
        other.Interval.Low.ShouldBe(-one.Interval.High, 1e-12);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 4)]
    public void AsManyOfEach_IsNoDifference(long onlyBaseline, long onlyVariant)
    {
        var comparison = McNemarTest.Compare(onlyBaseline, onlyVariant, 30)!;

        comparison.ExactPValue.ShouldBe(1);
        comparison.PValue.ShouldBe(1, 1e-12);
        comparison.Difference.ShouldBe(0);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 3, 5)]
    [InlineData(-1, 3, 5)]
    public void CountsThatCannotBe_AreNoResult(long onlyBaseline, long onlyVariant, long cases) => McNemarTest.Compare(onlyBaseline, onlyVariant, cases).ShouldBeNull();
}
