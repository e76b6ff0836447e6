using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Runs;

/// <summary>What calls have cost.</summary>
/// <param name="Calls">How many.</param>
/// <param name="Usd">US dollars, of those that have a price.</param>
/// <param name="Unpriced">Those that have none, or whose tokens were not told.</param>
internal readonly record struct CallCost(long Calls, decimal Usd, long Unpriced)
{
    /// <summary>Of an answer.</summary>
    public static CallCost Of(Answer answer) => new(1, answer.CostUsd ?? 0, answer.CostUsd is null ? 1 : 0);

    /// <summary>Of a score; nothing where there was nothing to score.</summary>
    public static CallCost Of(Score? score) => score is null ? default : new(score.Calls, score.CostUsd ?? 0, score.UnpricedCalls);

    public static CallCost operator +(CallCost one, CallCost other) => new(one.Calls + other.Calls, one.Usd + other.Usd, one.Unpriced + other.Unpriced);
}
