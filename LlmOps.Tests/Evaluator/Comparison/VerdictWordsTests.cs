using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Comparison;

public sealed class VerdictWordsTests
{
    private static readonly Metric Rouge = ScoredCases.Metric("rouge_l");
    private static readonly Metric Latency = ScoredCases.Metric("latency", MetricKind.Amount, MetricDirection.LowerIsBetter) with { Unit = "ms" };

    [Fact]
    public void Better_IsSaidWithItsNumbers() =>
        Words(Rouge, 5, Comparison(Verdict.Better)).ShouldBe(
            "v2 is better: rouge_l 0.412 against 0.371 over 81 cases (+0.041, 95 % interval +0.018 to +0.063, p < 0.001 after correction for 5 comparisons).");

    [Fact]
    public void Worse_IsSaidWithoutWhatIsNotThere() =>
        Words(Rouge, 1, Comparison(Verdict.Worse) with { Interval = null, AdjustedPValue = 0.00001, Missing = 3 }).ShouldBe(
            "v2 is worse: rouge_l 0.412 against 0.371 over 81 cases (+0.041, p < 0.001). 3 cases without a value of both are left out.");

    [Fact]
    public void NoDifference_IsSaidWithWhatWouldHaveBeenSeen() =>
        Words(Rouge, 1, Comparison(Verdict.NoDifference) with { AdjustedPValue = 0.31, DetectableDifference = 0.03, CasesNeeded = 1_840, Tag = "hard" }).ShouldBe(
            "Tag hard: No difference found in rouge_l: 0.412 against 0.371 over 81 cases (+0.041, 95 % interval +0.018 to +0.063, p = 0.310). "
            + "With these 81 cases a difference of 0.030 or more would have been seen 8 times out of 10. To see one of 0.010 takes 1,840 cases.");

    [Fact]
    public void WhatIsTheSameInAllCases_IsSaidSo() =>
        Words(ScoredCases.Metric("json_valid", MetricKind.Pass), 1, Comparison(Verdict.NoDifference) with { VariantMean = 1, PValue = null, AdjustedPValue = null, DetectableDifference = 0.094 }).ShouldBe(
            "No difference in json_valid: 100.0 %, the same in each of 81 cases. With these 81 cases a difference of 9.4 pp or more would have been seen 8 times out of 10.");

    [Fact]
    public void TooFewCases_AreCounted() =>
        Words(Rouge, 1, Comparison(Verdict.TooFewCases) with { Cases = 6, Missing = 1 }).ShouldBe(
            "Too few cases to say anything about rouge_l: 6 of at least 10. 1 case without a value of both is left out.");

    [Fact]
    public void Amounts_AreSaidByTheirRanks() =>
        Words(Latency, 2, Comparison(Verdict.Better) with
        {
            Test = "wilcoxon", BaselineMean = 1_020.4, VariantMean = 812.2, Difference = -190.3, Interval = new Interval(-250.1, -120.2), AdjustedPValue = 0.0031, Wins = 60, Ties = 1, Losses = 20,
        }).ShouldBe(
            "v2 is better: latency 812 ms against 1020 ms on average over 81 cases (typically −190 ms, 95 % interval −250 to −120 ms, p = 0.003 after correction for 2 comparisons; lower in 60, higher in 20).");

    private static string Words(Metric metric, int comparisons, MetricComparison comparison) =>
        new VerdictWords(metric, ScoredCases.Settings with { Detect = new Dictionary<string, double> { ["rouge_l"] = 0.01 } }, comparisons).Of(comparison);

    private static MetricComparison Comparison(Verdict verdict) => new()
    {
        Baseline = "v1",
        Variant = "v2",
        Metric = "rouge_l",
        Cases = 81,
        Missing = 0,
        BaselineMean = 0.371,
        VariantMean = 0.412,
        Difference = 0.041,
        Interval = new Interval(0.018, 0.063),
        Test = "sign_flip",
        PValue = 0.0002,
        AdjustedPValue = 0.0009,
        Verdict = verdict,
        Words = "",
    };
}
