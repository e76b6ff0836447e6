using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class FisherExactTestTests
{
    // R's documentation of fisher.test: the lady tasting tea (Fisher 1935; Agresti 1990, page 61), and convictions of twins (Fisher 1962).
    [Theory]
    [InlineData(3, 4, 1, 4, 0.4857, 0.00005)]
    [InlineData(2, 17, 10, 13, 0.0005367, 0.00000005)]
    public void PublishedExample_HasItsPValue(long successes0, long count0, long successes1, long count1, double pValue, double tolerance) =>
        FisherExactTest.PValue(new Proportion(successes0, count0), new Proportion(successes1, count1)).ShouldBe(pValue, tolerance);

    [Fact]
    public void LargeCounts_KeepTheirDigits()
    {
        // 4 of 4 among 2,000,000: both halves are as probable, so each table's probability is a binomial's of one half.
        FisherExactTest.PValue(new Proportion(0, 1_000_000), new Proportion(4, 1_000_000)).ShouldBe(2.0 / 16, 1e-5);
    }

    [Fact]
    public void NoObservations_AreNoEvidence() => FisherExactTest.PValue(default, new Proportion(1, 2)).ShouldBe(1);
}
