using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

/// <summary>Tails and critical values, with 15 digits and more from an implementation with arbitrary precision (mpmath 1.3).</summary>
public sealed class DistributionTests
{
    [Theory]
    [InlineData(2.5, 3.7, 0.0718220229118268)]
    [InlineData(-10, 30, 4.57525140822961e-11)]
    [InlineData(40, 500, 6.29064291825824e-158)]
    [InlineData(0.001, 1.2, 0.999341957095678)]
    [InlineData(6, 100_000, 1.97992945760176e-9)]
    public void StudentTails_KeepTheirDigits(double statistic, double degrees, double pValue) =>
        Distributions.StudentTails(statistic, degrees).ShouldBe(pValue, pValue * 1e-7);

    [Theory]
    [InlineData(0.95, 1.5, 6.01666310442793)]
    [InlineData(0.95, 17.776, 2.10282131038022)]
    [InlineData(0.99, 4, 4.60409487134999)]
    [InlineData(0.95, 1_000_000, 1.95996635681411)]
    public void StudentCritical_IsTheKnownOne(double confidence, double degrees, double critical) =>
        Distributions.StudentCritical(confidence, degrees).ShouldBe(critical, 1e-7);

    [Theory]
    [InlineData(30, 1, 4.32046305782727e-8)]
    [InlineData(200, 3, 4.21854110719204e-43)]
    [InlineData(0.1, 2, 0.951229424500714)]
    [InlineData(0, 2, 1)]
    public void ChiSquareTail_KeepsItsDigits(double statistic, int degrees, double pValue) =>
        Distributions.ChiSquareTail(statistic, degrees).ShouldBe(pValue, pValue * 1e-10);

    [Fact]
    public void Normal_IsTheKnownOne()
    {
        Distributions.NormalCritical(0.95).ShouldBe(1.959963984540054, 1e-9);
        Distributions.NormalTails(1.959963984540054).ShouldBe(0.05, 1e-9);
        Distributions.NormalTails(-10).ShouldBe(1.523970604832105e-23, 1e-30);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(95)]
    [InlineData(double.NaN)]
    public void ConfidenceThatIsNone_IsAMistake(double confidence) => Should.Throw<ArgumentOutOfRangeException>(() => Distributions.NormalCritical(confidence));
}
