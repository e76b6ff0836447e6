using LlmOps.Gateway.Statistics;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What an experiment says: its variants, and what they differ in.</summary>
/// <param name="Reading">What has come of it.</param>
/// <param name="SampleRatio">Whether the variants have as many units as their weights say; null where there are too few. Paused variants are left out.</param>
/// <param name="Comparisons">Each variant but the first, compared with the first.</param>
internal sealed record ExperimentReport(ExperimentReading Reading, SampleRatioResult? SampleRatio, IReadOnlyList<(VariantReading Variant, IReadOnlyList<MeasureComparison> Measures)> Comparisons)
{
    /// <summary>Makes it.</summary>
    public static ExperimentReport Of(ExperimentReading reading)
    {
        var baseline = reading.Variants[0];
        List<(VariantReading Variant, IReadOnlyList<MeasureComparison> Measures)> compared = [.. reading.Variants.Skip(1).Select(variant => (variant, VariantComparison.Of(baseline, variant)))];

        // Everything that the report could call a difference is one family: one false word in all of it is as rare as one in twenty.
        var corrected = new Queue<double?>(HolmCorrection.Adjust([.. compared.SelectMany(each => each.Measures).Select(measure => measure.Result?.PValue)]));
        var running = reading.Variants.Where(variant => !variant.IsPaused).ToList();
        return new ExperimentReport(
            reading,
            running.Count < 2 ? null : Statistics.SampleRatio.Test([.. running.Select(variant => (long)variant.Units)], [.. running.Select(variant => variant.Definition.Weight)]),
            [.. compared.Select(each => (each.Variant, (IReadOnlyList<MeasureComparison>)[.. each.Measures.Select(measure => measure with { HolmPValue = corrected.Dequeue() })]))]);
    }
}
