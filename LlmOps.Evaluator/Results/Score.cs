using System.Text.Json.Serialization;

namespace LlmOps.Evaluator.Results;

/// <summary>What a metric says of an answer.</summary>
/// <param name="Value">Finite, 1 or 0 for passed or not; null where it could not be scored.</param>
/// <param name="Reason">Why, in words; null for nothing.</param>
/// <param name="Failure">Why it could not be scored, so that it is missing; null where it was.</param>
internal sealed record Score(double? Value, string? Reason = null, string? Failure = null)
{
    /// <summary>What the judge that was asked twice, in both orders, said in each: the share of the variant's answer, 0 to 1; null where none was asked so.</summary>
    public OrderedVerdicts? Orders { get; init; }

    /// <summary>Calls of models that were made for it, also where it then failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Calls { get; init; }

    /// <summary>US dollars that those calls cost that have a price; null where none has.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Those calls that have no price, or whose tokens were not told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UnpricedCalls { get; init; }

    /// <summary>Passed or not.</summary>
    public static Score Of(bool passed, string? reason = null) => new(passed ? 1 : 0, reason);

    /// <summary>It could not be scored.</summary>
    public static Score Failed(string failure) => new(null, null, failure);

    /// <summary>This, with what the calls for it cost.</summary>
    /// <param name="costs">US dollars, a number for each call; null for one without a price.</param>
    public Score Costing(params IReadOnlyList<decimal?> costs) => this with
    {
        Calls = costs.Count,
        CostUsd = costs.Any(cost => cost is not null) ? costs.Sum() : null,
        UnpricedCalls = costs.Count(cost => cost is null),
    };
}

/// <summary>What a judge of two answers said in both orders: 1 for the variant's answer, 0 for the baseline's, 0.5 for neither.</summary>
/// <param name="VariantFirst">Where it read the variant's answer first.</param>
/// <param name="VariantSecond">Where it read it second.</param>
internal sealed record OrderedVerdicts(double VariantFirst, double VariantSecond);
