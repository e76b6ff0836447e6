using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Gates;

/// <summary>Whether an evaluation passes.</summary>
internal static class Gate
{
    /// <summary>
    /// Holds an evaluation to rules. Where more is missing than may be, it is incomplete, whatever the rules say: what is missing may
    /// be why they are broken, or why they are not. Else one broken rule is a regression. Else one that cannot be judged makes it incomplete.
    /// </summary>
    /// <param name="facts">The evaluation.</param>
    /// <param name="rules">The rules; where there are none, <see cref="GateRule.Default"/> holds for comparisons.</param>
    /// <param name="maxMissing">What may be missing; null for nothing, or what a rule says.</param>
    /// <exception cref="BadInputException">A rule names a metric or a tag that is not there.</exception>
    public static GateOutcome Judge(GateFacts facts, IReadOnlyList<GateRule> rules, MissingBound? maxMissing)
    {
        Check(rules, facts.Metrics, facts.Cases.SelectMany(each => each.Tags));
        var findings = InForce(facts, rules).Select(rule => (Rule: rule, Finding: rule.Judge(facts))).ToList();
        var bound = rules.Any(rule => rule is MissingRule) ? null : maxMissing ?? MissingBound.None;
        List<string> missing = [.. facts.Missing().Where(amount => bound?.Allows(amount.Count, amount.Of) == false).Select(Words)];
        List<string> unknown = [.. findings.Where(each => each.Finding.State == RuleState.Unknown).Select(each => $"{each.Rule.Text}: {each.Finding.Reason}")];

        var lacksData = missing.Count > 0 || findings.Any(each => each is { Rule: MissingRule, Finding.State: RuleState.Unknown });
        var status = lacksData ? GateStatus.Incomplete
            : findings.Any(each => each.Finding.State == RuleState.Broken) ? GateStatus.Regression
            : unknown.Count > 0 ? GateStatus.Incomplete
            : GateStatus.Passed;
        return new GateOutcome(status, [.. findings.Select(each => Outcome(each.Rule, each.Finding))], [.. missing, .. unknown]);
    }

    /// <summary>Checks that what rules name is there, so that no model is called in vain.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="tags">The tags of the cases.</param>
    /// <exception cref="BadInputException">A rule names a metric or a tag that is not there.</exception>
    public static void Check(IReadOnlyList<GateRule> rules, IReadOnlyList<Metric> metrics, IEnumerable<string> tags)
    {
        var known = tags.ToHashSet();
        List<string> faults =
        [
            .. rules.Where(rule => rule.Metric is { } named && metrics.All(metric => metric.Name != named))
                .Select(rule => $"'{rule.Text}': There is no metric {rule.Metric}; expected one of {string.Join(", ", metrics.Select(metric => metric.Name))}."),
            .. rules.Where(rule => rule.Tag is { } tag && !known.Contains(tag))
                .Select(rule => $"'{rule.Text}': No case has the tag {rule.Tag}; expected one of {string.Join(", ", known.Order(StringComparer.Ordinal))}."),
        ];
        if (faults.Count > 0)
        {
            throw new BadInputException(faults);
        }
    }

    /// <summary>What is missing, in words.</summary>
    public static string Words(MissingAmount amount) => $"{amount.Count} of {amount.Of} {amount.What} are missing";

    private static IEnumerable<GateRule> InForce(GateFacts facts, IReadOnlyList<GateRule> rules)
    {
        if (facts.Variants.Count > 1)
        {
            return rules.Count > 0 || !facts.Metrics.Any(metric => metric.IsQuality) ? rules : [GateRule.Default];
        }

        return rules.Where(rule => !rule.NeedsBaseline);
    }

    private static RuleOutcome Outcome(GateRule rule, RuleFinding finding) =>
        new(rule.Text, finding.State == RuleState.Holds, finding.State == RuleState.Unknown ? $"Not judged: {finding.Reason}." : $"{finding.Reason}.");
}
