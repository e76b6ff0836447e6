using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class MomentsTests
{
    [Fact]
    public void Parts_MergeToTheWhole()
    {
        var values = Draws.LogNormal(new Random(1), 1_000);
        var whole = Moments.Of(values);

        var merged = Moments.Of(values.AsSpan(700)).Merge(Moments.Of(values.AsSpan(0, 1))).Merge(default).Merge(Moments.Of(values.AsSpan(1, 699)));

        merged.Count.ShouldBe(1_000);
        merged.Mean.ShouldBe(whole.Mean, 1e-12);
        merged.Variance!.Value.ShouldBe(whole.Variance!.Value, 1e-9);
        default(Moments).Merge(whole).ShouldBe(whole);
    }

    // Chan, Golub, LeVeque 1983: what the textbook's sum of squares loses.
    [Fact]
    public void LargeMean_KeepsTheVariance() => Moments.Of([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]).Variance!.Value.ShouldBe(30, 1e-6);

    [Fact]
    public void ValueThatIsNoNumber_IsLeftOut() => Moments.Of([1, double.NaN, 3, double.PositiveInfinity]).ShouldBe(Moments.Of([1, 3]));

    [Fact]
    public void Summary_HasItsVariance() => Moments.Of(12, 5, 2.5).Variance.ShouldBe(2.5);

    [Fact]
    public void OneValue_HasNoVariance()
    {
        default(Moments).Variance.ShouldBeNull();
        Moments.Of([3]).Variance.ShouldBeNull();
    }
}
