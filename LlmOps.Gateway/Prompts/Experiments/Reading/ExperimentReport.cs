using LlmOps.Gateway.Statistics;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What an experiment says: its variants, and what they differ in.</summary>
/// <param name="Reading">What has come of it.</param>
/// <param name="SampleRatio">Whether the variants have as many units as their weights say; null where there are too few, or a variant was paused for a while. Variants that are paused now are left out.</param>
/// <param name="Comparisons">Each variant but the first, compared with the first.</param>
internal sealed record ExperimentReport(ExperimentReading Reading, SampleRatioResult? SampleRatio, IReadOnlyList<(VariantReading Variant, IReadOnlyList<MeasureComparison> Measures)> Comparisons)
{
    /// <summary>Makes it.</summary>
    /// <param name="reading">What has come of the experiment.</param>
    /// <param name="wasResumed">Whether a variant was paused for a while: its units of that time are missing, so that the counts say nothing.</param>
    public static ExperimentReport Of(ExperimentReading reading, bool wasResumed = false)
    {
        var baseline = reading.Variants[0];
        List<(VariantReading Variant, IReadOnlyList<MeasureComparison> Measures)> compared = [.. reading.Variants.Skip(1).Select(variant => (variant, VariantComparison.Of(baseline, variant)))];

        // Everything that the report could call a difference is one family: one false word in all of it is as rare as one in twenty.
        List<MeasureComparison> all = [.. compared.SelectMany(each => each.Measures)];
        var fixedLook = new Queue<double?>(HolmCorrection.Adjust([.. all.Select(measure => measure.Result?.PValue)]));
        var anyLook = new Queue<double?>(HolmCorrection.Adjust([.. all.Select(measure => measure.Sequential?.PValue)]));
        var running = reading.Variants.Where(variant => !variant.IsPaused).ToList();
        return new ExperimentReport(
            reading,
            wasResumed || running.Count < 2 ? null : Statistics.SampleRatio.Test([.. running.Select(variant => (long)variant.Units)], [.. running.Select(variant => variant.Definition.Weight)]),
            [.. compared.Select(each => (each.Variant, (IReadOnlyList<MeasureComparison>)[.. each.Measures.Select(measure => measure with { HolmPValue = fixedLook.Dequeue(), SequentialHolmPValue = anyLook.Dequeue() })]))]);
    }
}
