using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>Whether judges of two answers favour the one that they read first.</summary>
internal static class PositionBiases
{
    /// <summary>Of a judge's verdicts on a variant's answers; null where it gave none in both orders.</summary>
    public static PositionBias? Of(Metric metric, Variant variant, IReadOnlyList<CaseResult> cases)
    {
        OrderedVerdicts[] orders =
        [
            .. cases.SelectMany(@case => @case.Answers)
                .Where(answer => answer.Variant == variant.Name)
                .Select(answer => answer.Scores.GetValueOrDefault(metric.Name)?.Orders)
                .OfType<OrderedVerdicts>(),
        ];
        if (orders.Length == 0)
        {
            return null;
        }

        // The variant's answer in one order, the baseline's in the other: both were the first, or both the second.
        var first = orders.Count(order => order is { VariantFirst: 1, VariantSecond: 0 });
        var second = orders.Count(order => order is { VariantFirst: 0, VariantSecond: 1 });
        var consistent = orders.Count(order => order.VariantFirst == order.VariantSecond);
        return new PositionBias(metric.Name, variant.Name, orders.Length, consistent, first, second, first + second > 0 ? McNemarTest.Compare(first, second, first + second)!.ExactPValue : null);
    }
}
