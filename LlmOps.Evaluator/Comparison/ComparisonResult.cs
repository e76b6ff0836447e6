using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Comparison;

/// <summary>What an evaluation's scores say.</summary>
/// <param name="Summaries">Each variant by each metric.</param>
/// <param name="Comparisons">Each variant but the baseline, compared with it by each metric: of all cases first, then by tag.</param>
/// <param name="PositionBiases">How far judges favour what they read first.</param>
/// <param name="HumanAgreements">How far metrics agree with people.</param>
internal sealed record ComparisonResult(
    IReadOnlyList<MetricSummary> Summaries, IReadOnlyList<MetricComparison> Comparisons, IReadOnlyList<PositionBias> PositionBiases, IReadOnlyList<HumanAgreement> HumanAgreements);
