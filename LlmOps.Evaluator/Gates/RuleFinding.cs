namespace LlmOps.Evaluator.Gates;

/// <summary>What a rule says of an evaluation.</summary>
/// <param name="State">Whether it holds.</param>
/// <param name="Reason">The numbers that say so.</param>
internal sealed record RuleFinding(RuleState State, string Reason)
{
    /// <summary>Several, of variants or metrics, as one: broken where one is, else unknown where one is.</summary>
    public static RuleFinding All(IReadOnlyList<RuleFinding> findings)
    {
        var worst = findings.Max(finding => finding.State);
        return new RuleFinding(worst, string.Join("; ", findings.OrderByDescending(finding => finding.State).Select(finding => finding.Reason)));
    }
}

/// <summary>Whether a rule holds.</summary>
internal enum RuleState
{
    Holds,

    /// <summary>There are no data, or too few, to say.</summary>
    Unknown,

    Broken,
}
