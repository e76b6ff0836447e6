namespace LlmOps.Gateway.Statistics;

/// <summary>How far a variant is from the baseline, always variant minus baseline.</summary>
/// <param name="Difference">Variant minus baseline, in the metric's unit.</param>
/// <param name="Interval">Where the true difference lies, at the confidence asked for.</param>
/// <param name="PValue">Two-sided, 0 to 1: how often a difference at least as large is seen where there is none.</param>
internal record Comparison(double Difference, Interval Interval, double PValue);
