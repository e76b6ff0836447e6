namespace LlmOps.Evaluator.Gates;

/// <summary>A variant's mean must not be beyond a bound.</summary>
/// <param name="Text">The rule as it was written.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Operator">How its mean must not stand to the bound: &lt;, &lt;=, &gt;, &gt;=.</param>
/// <param name="Bound">The bound, in the metric's unit.</param>
/// <param name="Tag">The cases; null for all.</param>
internal sealed record BoundRule(string Text, string Metric, string Operator, double Bound, string? Tag) : GateRule(Text)
{
    /// <inheritdoc/>
    public override string? Metric { get; } = Metric;

    /// <inheritdoc/>
    public override string? Tag { get; } = Tag;

    /// <inheritdoc/>
    public override RuleFinding Judge(GateFacts facts) => RuleFinding.All([.. facts.Judged.Select(variant => Find(facts, variant.Name))]);

    private RuleFinding Find(GateFacts facts, string variant)
    {
        var (mean, cases) = Mean(facts, variant);
        if (mean is not { } value || cases < facts.MinCases)
        {
            return new RuleFinding(RuleState.Unknown, $"{Metric} of {variant} has too few cases to judge ({cases})");
        }

        var isBroken = Operator switch
        {
            "<" => value < Bound,
            "<=" => value <= Bound,
            ">" => value > Bound,
            _ => value >= Bound,
        };
        return new RuleFinding(isBroken ? RuleState.Broken : RuleState.Holds, $"{Metric} of {variant} is {RuleNumber.Of(value)}, {cases} cases");
    }

    private (double? Mean, int Cases) Mean(GateFacts facts, string variant)
    {
        if (Tag is null)
        {
            var summary = facts.Summaries.FirstOrDefault(each => each.Variant == variant && each.Metric == Metric);
            return (summary?.Mean, summary?.Cases ?? 0);
        }

        // As summaries are: repeats of a case count as their mean, cases by their weights.
        List<(double Weight, double Value)> cases =
        [
            .. facts.Cases.Where(each => each.Tags.Contains(Tag))
                .Select(each => (each.Weight, Values: each.Answers.Where(answer => answer.Variant == variant).Select(answer => answer.Scores.GetValueOrDefault(Metric!)?.Value).OfType<double>().ToList()))
                .Where(each => each.Values.Count > 0)
                .Select(each => (each.Weight, each.Values.Average())),
        ];
        return (cases.Count == 0 ? null : cases.Sum(each => each.Weight * each.Value) / cases.Sum(each => each.Weight), cases.Count);
    }
}
