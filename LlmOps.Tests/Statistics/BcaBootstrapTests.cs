using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class BcaBootstrapTests
{
    // The data that SciPy's tests have from R's boot.ci, with its interval of the mean.
    private static double[] Skewed => [10, 12, 12.5, 12.5, 13.9, 15, 21, 22, 23, 34, 50, 81, 89, 121, 134, 213];

    // Davison, Hinkley 1997, example 1.1: hours between failures of air-conditioning.
    private static double[] AirConditioning => [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487];

    [Fact]
    public void Mean_HasItsPublishedInterval()
    {
        var interval = BcaBootstrap.OfMeanAt(Skewed, Ones(16), seed: 1, critical: 1.959964)!.Value;

        interval.Low.ShouldBe(32.31, 0.8);
        interval.High.ShouldBe(91.43, 1.6);
    }

    // Davison, Hinkley 1997, example 5.8: a = 0.0938.
    [Fact]
    public void Acceleration_IsThePublishedOne() => BcaBootstrap.Acceleration(AirConditioning, Ones(12)).ShouldBe(0.0938, 0.00005);

    [Fact]
    public void FewValues_HaveAWiderIntervalThanTheirResamples()
    {
        var (interval, plain) = (BcaBootstrap.OfMean(Skewed, Ones(16), seed: 1)!.Value, BcaBootstrap.OfMeanAt(Skewed, Ones(16), seed: 1, 1.959964)!.Value);

        interval.Low.ShouldBeLessThan(plain.Low);
        interval.High.ShouldBeGreaterThan(plain.High);
    }

    // Of symmetric values there is nothing to correct: Student's interval.
    [Fact]
    public void SymmetricValues_HaveStudentsInterval()
    {
        var values = Draws.Normal(new Random(4), 200);
        double[] symmetric = [.. values, .. values.Select(value => -value)];

        var interval = BcaBootstrap.OfMean(symmetric, Ones(400), seed: 2)!.Value;

        var student = PairedTTest.Compare(new double[400], symmetric)!.Interval;
        interval.Low.ShouldBe(student.Low, 0.005);
        interval.High.ShouldBe(student.High, 0.005);
    }

    [Fact]
    public void WeightsThatAreAllTheSame_ChangeNothing() =>
        BcaBootstrap.OfMean(Skewed, [.. Enumerable.Repeat(4.0, 16)], seed: 9).ShouldBe(BcaBootstrap.OfMean(Skewed, Ones(16), seed: 9));

    [Fact]
    public void Weights_MoveTheInterval()
    {
        double[] weights = [.. Enumerable.Repeat(3.0, 8), .. Enumerable.Repeat(1.0, 8)];

        var (weighted, plain) = (BcaBootstrap.OfMean(Skewed, weights, seed: 1)!.Value, BcaBootstrap.OfMean(Skewed, Ones(16), seed: 1)!.Value);

        weighted.Contains(WeightedMean.Of(Skewed, weights).Mean).ShouldBeTrue();
        weighted.High.ShouldBeLessThan(plain.High);
    }

    [Fact]
    public void SameSeed_IsTheSameInterval()
    {
        BcaBootstrap.OfMean(Skewed, Ones(16), seed: 7).ShouldBe(BcaBootstrap.OfMean(Skewed, Ones(16), seed: 7));
        BcaBootstrap.OfMean(Skewed, Ones(16), seed: 7).ShouldNotBe(BcaBootstrap.OfMean(Skewed, Ones(16), seed: 8));
    }

    [Theory]
    [InlineData(new double[] { })]
    [InlineData(new[] { 1.0 })]
    [InlineData(new[] { 0.3, 0.3, 0.3 })]
    public void TooLittleData_IsNoResult(double[] values) => BcaBootstrap.OfMean(values, Ones(values.Length), seed: 1).ShouldBeNull();

    private static double[] Ones(int count) => [.. Enumerable.Repeat(1.0, count)];
}
