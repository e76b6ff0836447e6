using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class CohenKappaTests
{
    // Cohen 1960, table 2, and Fleiss, Cohen, Everitt 1969: kappa 0.492, with an interval of 0.39 to 0.59.
    [Fact]
    public void CohensTable_HasItsPublishedResult()
    {
        var agreement = CohenKappa.Of(new long[,] { { 88, 14, 18 }, { 10, 40, 10 }, { 2, 6, 12 } })!;

        agreement.Observed.ShouldBe(0.70, 1e-12);
        agreement.Expected.ShouldBe(0.41, 1e-12);
        agreement.Kappa.ShouldBe(0.492, 0.0005);
        agreement.StandardError.ShouldBe(0.0510018, 1e-6);
        agreement.Interval.Low.ShouldBe(0.39, 0.005);
        agreement.Interval.High.ShouldBe(0.59, 0.005);
    }

    [Fact]
    public void FullAgreement_IsOne()
    {
        var agreement = CohenKappa.Of(new long[,] { { 7, 0 }, { 0, 9 } })!;

        agreement.Kappa.ShouldBe(1, 1e-12);
        agreement.StandardError.ShouldBe(0, 1e-7);
    }

    [Fact]
    public void TooLittleData_IsNoResult()
    {
        CohenKappa.Of(new long[,] { { 0, 0 }, { 0, 0 } }).ShouldBeNull();
        CohenKappa.Of(new long[,] { { 7, 0 }, { 0, 0 } }).ShouldBeNull();
        CohenKappa.Of(new long[,] { { 7, 1, 1 }, { 0, 3, 1 } }).ShouldBeNull();
        CohenKappa.Of(new long[,] { { 7, -1 }, { 0, 3 } }).ShouldBeNull();
    }
}
