using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Experiments.Reading;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Prompts.Experiments.Reading;

/// <summary>What is said of variants, by which test, and what is not.</summary>
public sealed class ExperimentReportTests
{
    private const string Three = """{"version":"v1"},{"version":"v2"},{"version":"v3"}""";

    [Fact]
    public void NoRequests_SayNothing()
    {
        var report = ExperimentReport.Of(Reading(TestedPrompts.Running(), []));

        report.SampleRatio.ShouldBeNull();
        var (variant, measures) = report.Comparisons.ShouldHaveSingleItem();
        variant.Definition.Name.ShouldBe("v2");
        measures.Select(measure => measure.Measure).ShouldBe(["error_rate", "latency_ms", "latency_ms.p95", "tokens", "cost_usd", "feedback"]);
        measures.ShouldAllBe(measure => measure.Test == null && measure.Result == null && measure.DetectableEffect == null && measure.Sequential == null && measure.HolmPValue == null && measure.Difference == null && measure.Baseline == 0 && measure.Variant == 0);
    }

    [Fact]
    public void OneRequestEach_SaysNothingOfMeans()
    {
        var report = ExperimentReport.Of(Reading(TestedPrompts.Running(), [TestExposures.Row("v1", "a", milliseconds: 1), TestExposures.Row("v2", "b", milliseconds: 9)]));

        report.SampleRatio.ShouldBeNull();
        var measures = report.Comparisons[0].Measures;
        measures[0].Result!.PValue.ShouldBe(1);
        measures.Skip(1).ShouldAllBe(measure => measure.Result == null && measure.HolmPValue == null);
        measures.Take(5).ShouldAllBe(measure => measure.Baseline == 1 && measure.Variant == 1);
        measures.Select(measure => measure.Difference).ShouldBe([0, 8, null, 0, 0, null]);
    }

    [Fact]
    public void EachMeasure_HasTheTestThatFitsIt()
    {
        var measures = Compare(Units(300, seed: 1, slow: 0), Units(300, seed: 2, slow: 50));

        measures.Select(measure => (measure.Measure, measure.Test)).ShouldBe(
            [("error_rate", "two_proportion_z"), ("latency_ms", "mann_whitney"), ("latency_ms.p95", "bootstrap"), ("tokens", "welch_t"), ("cost_usd", "welch_t"), ("feedback", "two_proportion_z")]);
        measures[1].Result!.Difference.ShouldBe(50, 20);
        measures[1].Result!.PValue.ShouldBeLessThan(0.001);
        measures[1].Result!.Interval.Low.ShouldBeGreaterThan(0);
        measures.Where(measure => measure.Measure is not "latency_ms.p95").ShouldAllBe(measure => measure.Sequential != null && measure.DetectableEffect > 0);
        measures.ShouldAllBe(measure => measure.HolmPValue >= measure.Result!.PValue);
    }

    [Fact]
    public void Differences_AreVariantMinusTheFirst()
    {
        var measures = Compare(Units(100, seed: 1, failing: 10, score: 0.2), Units(100, seed: 2, failing: 5, slow: -20, tokens: 30, score: 0.9));

        measures[0].Result!.Difference.ShouldBe(0.1, 1e-9);
        measures[1].Result!.Difference.ShouldBeLessThan(0);
        measures[3].Result!.Difference.ShouldBeGreaterThan(0);
        measures[5].Result!.Difference.ShouldBe(0.7, 0.15);
    }

    [Fact]
    public void FewRequests_AreComparedExactlyWithoutSequence()
    {
        var measures = Compare(Units(12, seed: 1, failing: 4), Units(12, seed: 2));

        measures[0].Test.ShouldBe("fisher");
        measures.ShouldAllBe(measure => measure.Sequential == null);
        measures[2].ShouldSatisfyAllConditions(tail => tail.Test.ShouldBeNull(), tail => tail.Result.ShouldBeNull());
    }

    [Fact]
    public void UnitsOfSeveralRequests_CountOnceAndAreComparedByMeans()
    {
        List<ExposureRow> rows = [];
        for (var unit = 0; unit < 40; unit++)
        {
            for (var request = 0; request <= unit % 3; request++)
            {
                rows.Add(TestExposures.Row(unit % 2 == 0 ? "v1" : "v2", $"u{unit}", (unit + request) % 5 == 0 ? "provider_error" : "ok", score: (unit + request) % 2));
            }
        }

        var measures = ExperimentReport.Of(Reading(TestedPrompts.Running(), rows)).Comparisons[0].Measures;

        (measures[0].Test, measures[0].Baseline, measures[0].Variant).ShouldBe(("welch_t", 20, 20));
        (measures[5].Test, measures[5].Baseline, measures[5].Variant).ShouldBe(("welch_t", 20, 20));
    }

    [Fact]
    public void ScoresOtherThanZeroAndOne_AreComparedByMeans()
    {
        var measures = Compare([.. Units(30, seed: 1), TestExposures.Row("v1", "more", score: 0.5)], Units(30, seed: 2));

        (measures[5].Test, measures[5].Baseline, measures[5].Variant).ShouldBe(("welch_t", 31, 30));
    }

    [Fact]
    public void HolmsCorrection_IsOverAllOfTheReport()
    {
        var rows = Named("v1", Units(250, seed: 1)).Concat(Named("v2", Units(250, seed: 2, slow: 12, tokens: 1))).Concat(Named("v3", Units(250, seed: 3, failing: 9, score: 0.62)));

        var measures = ExperimentReport.Of(Reading(TestedPrompts.Running(variants: Three), rows)).Comparisons.SelectMany(each => each.Measures).ToList();

        measures.Count.ShouldBe(12);
        measures.Select(measure => measure.HolmPValue).ShouldBe(HolmCorrection.Adjust([.. measures.Select(measure => measure.Result?.PValue)]));
        var least = measures.MinBy(measure => measure.Result!.PValue)!;
        least.HolmPValue!.Value.ShouldBe(Math.Min(1, 12 * least.Result!.PValue), 1e-12);
    }

    [Fact]
    public void SameRequests_MakeTheSameReport()
    {
        var (before, after) = (Units(250, seed: 1), Units(250, seed: 2, slow: 5));

        Compare(before, after).ShouldBe(Compare(before, after));
    }

    [Theory]
    [InlineData(600, 400, 1, 1, true)]
    [InlineData(600, 400, 3, 2, false)]
    [InlineData(510, 490, 1, 1, false)]
    [InlineData(500, 500, 1, 3, true)]
    public void UnitsThatDoNotFitTheWeights_AreNoticed(int first, int second, double weight, double otherWeight, bool isMismatch)
    {
        var experiment = TestedPrompts.Running(variants: FormattableString.Invariant($$"""{"version":"v1","weight":{{weight}}},{"version":"v2","weight":{{otherWeight}}}"""));

        ExperimentReport.Of(Reading(experiment, [.. Seen("v1", first), .. Seen("v2", second)])).SampleRatio!.IsMismatch.ShouldBe(isMismatch);
    }

    [Fact]
    public void PausedVariants_AreLeftOutOfTheSampleRatio()
    {
        var rows = Seen("v1", 500).Concat(Seen("v2", 500)).Concat(Seen("v3", 20)).ToList();

        ExperimentReport.Of(Reading(TestedPrompts.Running(variants: Three), rows)).SampleRatio!.IsMismatch.ShouldBeTrue();
        ExperimentReport.Of(Reading(TestedPrompts.Running(variants: Three) with { PausedVariants = ["v3"] }, rows)).SampleRatio!.IsMismatch.ShouldBeFalse();
        ExperimentReport.Of(Reading(TestedPrompts.Running(variants: Three) with { PausedVariants = ["v3", "v1"] }, rows)).ShouldSatisfyAllConditions(
            report => report.SampleRatio.ShouldBeNull(), report => report.Comparisons.Count.ShouldBe(2));
    }

    private static IReadOnlyList<MeasureComparison> Compare(IEnumerable<ExposureRow> before, IEnumerable<ExposureRow> after) =>
        ExperimentReport.Of(Reading(TestedPrompts.Running(), [.. Named("v1", before), .. Named("v2", after)])).Comparisons.ShouldHaveSingleItem().Measures;

    private static IEnumerable<ExposureRow> Named(string variant, IEnumerable<ExposureRow> rows) => rows.Select(row => row with { Variant = variant, Unit = $"{variant} {row.Unit}" });

    private static IEnumerable<ExposureRow> Seen(string variant, int units) => Enumerable.Range(0, units).Select(unit => TestExposures.Row(variant, $"{variant} {unit}"));

    // One request each; every so many fail.
    private static IReadOnlyList<ExposureRow> Units(int count, int seed, double slow = 0, int failing = 10, int tokens = 0, double score = 0.5)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(unit => TestExposures.Row(
            "", $"u{unit}", unit % failing == 0 ? "provider_error" : "ok", milliseconds: 200 + slow + (100 * random.NextDouble()), output: 100 + tokens + random.Next(50), nanoDollars: 1_000 + random.Next(500),
            score: random.NextDouble() < score ? 1 : 0))];
    }

    // As ExperimentReading reads them, of units that saw one variant each.
    private static ExperimentReading Reading(Experiment experiment, IEnumerable<ExposureRow> rows)
    {
        var variants = experiment.Definition.Variants.Select(variant => new VariantReading(variant, experiment.PausedVariants.Contains(variant.Name))).ToList();
        foreach (var unit in rows.GroupBy(row => row.Unit))
        {
            var index = variants.FindIndex(variant => variant.Definition.Name == unit.First().Variant);
            var sums = new UnitSums(index);
            foreach (var row in unit)
            {
                sums.Add(SeenAnswer.Of(row));
                variants[index].Add(SeenAnswer.Of(row));
            }

            variants[index].Add(sums);
        }

        return new ExperimentReading(experiment, variants, 0, IsTruncated: false);
    }
}
