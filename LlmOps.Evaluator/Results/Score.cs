namespace LlmOps.Evaluator.Results;

/// <summary>What a metric says of an answer.</summary>
/// <param name="Value">Finite, 1 or 0 for passed or not; null where it could not be scored.</param>
/// <param name="Reason">Why, in words; null for nothing.</param>
/// <param name="Failure">Why it could not be scored, so that it is missing; null where it was.</param>
internal sealed record Score(double? Value, string? Reason = null, string? Failure = null)
{
    /// <summary>What the judge that was asked twice, in both orders, said in each: the share of the variant's answer, 0 to 1; null where none was asked so.</summary>
    public OrderedVerdicts? Orders { get; init; }

    /// <summary>Passed or not.</summary>
    public static Score Of(bool passed, string? reason = null) => new(passed ? 1 : 0, reason);

    /// <summary>It could not be scored.</summary>
    public static Score Failed(string failure) => new(null, null, failure);
}

/// <summary>What a judge of two answers said in both orders: 1 for the variant's answer, 0 for the baseline's, 0.5 for neither.</summary>
/// <param name="VariantFirst">Where it read the variant's answer first.</param>
/// <param name="VariantSecond">Where it read it second.</param>
internal sealed record OrderedVerdicts(double VariantFirst, double VariantSecond);
