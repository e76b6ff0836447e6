using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Gates;

/// <summary>Which way a metric goes, from the baseline to a variant.</summary>
internal enum ChangeVerb
{
    /// <summary>Its values get smaller.</summary>
    Drops,

    /// <summary>Its values get larger.</summary>
    Rises,

    /// <summary>They go where the metric is worse.</summary>
    Worsens,

    /// <summary>They go where the metric is better.</summary>
    Improves,
}

/// <summary>A variant must not go one way from the baseline.</summary>
/// <param name="Text">The rule as it was written.</param>
/// <param name="Metric">The metric; null for each that says how good an answer is.</param>
/// <param name="Verb">Which way.</param>
/// <param name="Amount">By more than this; null for by anything.</param>
/// <param name="IsRelative">Whether the amount is in per cent of the baseline's mean.</param>
/// <param name="IsSignificant">Whether it counts only where chance does not explain it.</param>
/// <param name="Tag">The cases; null for all.</param>
internal sealed record ChangeRule(string Text, string? Metric, ChangeVerb Verb, double? Amount, bool IsRelative, bool IsSignificant, string? Tag) : GateRule(Text)
{
    // Means of equal values differ by rounding.
    private const double Rounding = 1e-12;

    /// <inheritdoc/>
    public override string? Metric { get; } = Metric;

    /// <inheritdoc/>
    public override string? Tag { get; } = Tag;

    /// <inheritdoc/>
    public override bool NeedsBaseline => true;

    /// <inheritdoc/>
    public override RuleFinding Judge(GateFacts facts)
    {
        if (Metric is not null)
        {
            return RuleFinding.All(Find(facts, facts.Metrics.First(metric => metric.Name == Metric)));
        }

        // A metric of few cases, such as one that only some cases ask for, does not keep the others from being judged.
        List<RuleFinding> findings = [.. facts.Metrics.Where(metric => metric.IsQuality).SelectMany(metric => Find(facts, metric))];
        List<RuleFinding> broken = [.. findings.Where(finding => finding.State == RuleState.Broken)];
        List<RuleFinding> unknown = [.. findings.Where(finding => finding.State == RuleState.Unknown)];
        return broken.Count > 0 ? RuleFinding.All(broken)
            : findings.Count == 0 ? new RuleFinding(RuleState.Unknown, "there is no metric of quality")
            : unknown.Count == findings.Count ? RuleFinding.All(unknown)
            : new RuleFinding(RuleState.Holds, string.Join("; ", [$"{findings.Count - unknown.Count} of {findings.Count} comparisons looked at, none of them worse", .. unknown.Select(finding => finding.Reason)]));
    }

    private List<RuleFinding> Find(GateFacts facts, Metric metric) =>
        [.. facts.Judged.Select(variant => facts.Comparisons.FirstOrDefault(each => each.Variant == variant.Name && each.Metric == metric.Name && each.Tag == Tag) is { } comparison
            ? Find(facts, metric, comparison)
            : new RuleFinding(RuleState.Unknown, $"{metric.Name} of {variant.Name} has no cases to compare"))];

    private RuleFinding Find(GateFacts facts, Metric metric, MetricComparison comparison)
    {
        var name = $"{metric.Name} of {comparison.Variant}";
        var lacksTest = IsSignificant && comparison.AdjustedPValue is null && comparison.Verdict == Verdict.TooFewCases;
        if (comparison is not { BaselineMean: { } baseline, VariantMean: { } mean } || comparison.Cases < facts.MinCases || lacksTest)
        {
            return new RuleFinding(RuleState.Unknown, $"{name} has too few cases to judge ({comparison.Cases})");
        }

        // Of means, as it is written; what a test says of amounts is about the middle of the differences.
        var difference = mean - baseline;
        var isSeen = !IsSignificant || comparison.AdjustedPValue <= 1 - facts.Confidence;
        var reason = $"{name} is {RuleNumber.Of(mean)} against {RuleNumber.Of(baseline)}, {RuleNumber.Signed(difference)}{Relative(difference, baseline)}{(comparison.AdjustedPValue is { } p ? $", adjusted p {RuleNumber.Of(p)}" : "")}, {comparison.Cases} cases";
        return new RuleFinding(isSeen && IsBeyond(Signed(metric, difference), baseline) ? RuleState.Broken : RuleState.Holds, reason);
    }

    private double Signed(Metric metric, double difference) => Verb switch
    {
        ChangeVerb.Rises => difference,
        ChangeVerb.Drops => -difference,
        _ => metric.Direction == MetricDirection.HigherIsBetter == (Verb == ChangeVerb.Improves) ? difference : -difference,
    };

    // From 0, any change is more than any per cent.
    private bool IsBeyond(double change, double baseline) => change > Rounding && change > (Amount ?? 0) * (IsRelative ? Math.Abs(baseline) / 100 : 1) + Rounding;

    private static string Relative(double difference, double baseline) => baseline == 0 ? "" : $" ({RuleNumber.Signed(100 * difference / Math.Abs(baseline))} %)";
}
