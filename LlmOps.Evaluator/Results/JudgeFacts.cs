using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Results;

/// <summary>How far a judge of two answers favours the one it reads first.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Variant">The variant that was compared with the baseline.</param>
/// <param name="Pairs">Pairs of answers that it judged in both orders.</param>
/// <param name="Consistent">Pairs of which it said the same in both.</param>
/// <param name="First">Pairs of which it preferred the first in both orders.</param>
/// <param name="Second">Pairs of which it preferred the second in both orders.</param>
/// <param name="PValue">Two-sided: how often first and second differ at least so much where it favours neither; null where it contradicted itself in no pair.</param>
internal sealed record PositionBias(string Metric, string Variant, int Pairs, int Consistent, int First, int Second, double? PValue);

/// <summary>How far a judge agrees with people.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Labels">Answers that have a score and a person's label.</param>
/// <param name="Kappa">Cohen's: 1 where both always say the same, 0 as often as by chance; null where it cannot be had.</param>
/// <param name="Interval">Of kappa; null with it.</param>
/// <param name="Observed">The share of answers of which both say the same, 0 to 1; null for none.</param>
internal sealed record HumanAgreement(string Metric, int Labels, double? Kappa, Interval? Interval, double? Observed);
