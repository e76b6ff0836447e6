using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class SignedRankTestTests
{
    // R's documentation of wilcox.test: V = 40, p = 0.01953 one-sided; Hollander, Wolfe 1973, pages 29 to 36: estimate -0.46, interval (-0.786, -0.010).
    [Fact]
    public void Depression_HasItsPublishedResult()
    {
        var comparison = SignedRankTest.Compare(KnownData.DepressionAfter, KnownData.DepressionBefore)!;

        comparison.IsExact.ShouldBeTrue();
        comparison.Statistic.ShouldBe(40);
        comparison.PValue.ShouldBe(2 * 0.01953, 0.00001);
        comparison.Shift.ShouldBe(0.46, 1e-9);
        comparison.Interval!.Value.Low.ShouldBe(0.010, 1e-9);
        comparison.Interval!.Value.High.ShouldBe(0.786, 1e-9);
    }

    // R: wilcox.test(extra ~ group, paired), with a zero and ties: V = 0, p = 0.009091.
    [Fact]
    public void Sleep_HasItsPublishedResult()
    {
        // Subtracted, 1.3 and 1.3 differ in their last digits.
        var comparison = SignedRankTest.Compare(KnownData.SleepSecond, KnownData.SleepFirst)!;

        comparison.IsExact.ShouldBeFalse();
        comparison.Statistic.ShouldBe(0);
        comparison.PValue.ShouldBe(0.009091, 0.0000005);
    }

    [Fact]
    public void Shift_IsTheMedianOfAllAverages()
    {
        var random = new Random(4);
        for (var round = 0; round < 40; round++)
        {
            var differences = Draws.Normal(random, random.Next(2, 15));
            var averages = differences.SelectMany((one, index) => differences.Skip(index).Select(other => (one + other) / 2)).Order().ToArray();

            SignedRankTest.Compare(new double[differences.Length], differences)!.Shift.ShouldBe(Quantiles.OfSorted(averages, 0.5), 1e-12);
        }
    }

    [Fact]
    public void PairsSwapped_TurnTheSign()
    {
        var one = SignedRankTest.Compare(KnownData.DepressionAfter, KnownData.DepressionBefore)!;
        var other = SignedRankTest.Compare(KnownData.DepressionBefore, KnownData.DepressionAfter)!;

        other.Shift.ShouldBe(-one.Shift, 1e-12);
        other.PValue.ShouldBe(one.PValue, 1e-12);
        other.Interval!.Value.ShouldBe(new Interval(-one.Interval!.Value.High, -one.Interval!.Value.Low));
    }

    [Theory]
    [InlineData(new double[] { }, new double[] { })]
    [InlineData(new[] { 1.0, double.NaN }, new[] { 2.0, 4 })]
    [InlineData(new[] { 1.0, 2, double.NaN }, new[] { 1.0, 2, 4 })]
    public void TooLittleData_IsNoResult(double[] baseline, double[] variant) => SignedRankTest.Compare(baseline, variant).ShouldBeNull();

    [Fact]
    public void OneDifference_IsNone() => SignedRankTest.Compare([1.0, 2, 3], [1.0, 2, 4])!.PValue.ShouldBe(1);

    [Fact]
    public void NoPairs_AreAMistake() => Should.Throw<ArgumentException>(() => SignedRankTest.Compare([1.0], [1.0, 2]));
}
