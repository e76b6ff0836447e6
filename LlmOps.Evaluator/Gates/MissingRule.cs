namespace LlmOps.Evaluator.Gates;

/// <summary>No more may be missing than a bound, which stands in the place of max_missing. Where more is, that is no regression: it cannot be said.</summary>
/// <param name="Text">The rule as it was written.</param>
/// <param name="Bound">The bound, of answers, and of each metric's scores.</param>
internal sealed record MissingRule(string Text, MissingBound Bound) : GateRule(Text)
{
    /// <inheritdoc/>
    public override RuleFinding Judge(GateFacts facts)
    {
        var missing = facts.Missing();
        var beyond = missing.Where(amount => !Bound.Allows(amount.Count, amount.Of)).ToList();
        return beyond.Count > 0
            ? new RuleFinding(RuleState.Unknown, string.Join("; ", beyond.Select(Gate.Words)))
            : new RuleFinding(RuleState.Holds, Gate.Words(missing.MaxBy(amount => amount.Of == 0 ? 0 : (double)amount.Count / amount.Of)!));
    }
}
