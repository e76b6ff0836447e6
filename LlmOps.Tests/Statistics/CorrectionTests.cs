using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class CorrectionTests
{
    // Benjamini, Hochberg 1995, section 3.2: 15 comparisons of treatments of infarction.
    private static readonly double?[] Infarction = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000];

    // As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
    [Fact]
    public void Holm_AdjustsByRank()
    {
        var adjusted = HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]);

        adjusted.Select(value => Math.Round(value!.Value, 12)).ShouldBe([0.03, 0.06, 0.06, 0.02]);
    }

    [Fact]
    public void Infarction_HasItsPublishedDiscoveries()
    {
        HolmCorrection.Adjust(Infarction).Count(value => value <= 0.05).ShouldBe(3);
    }

    [Fact]
    public void UnknownPValues_AreNotCounted()
    {
        HolmCorrection.Adjust([null, 0.02, double.NaN, 0.04]).ShouldBe([null, 0.04, null, 0.04]);
        HolmCorrection.Adjust([]).ShouldBeEmpty();
    }

    [Fact]
    public void LargePValues_StayPValues()
    {
        HolmCorrection.Adjust([0.9, 0.8]).ShouldBe([1, 1]);
    }
}
