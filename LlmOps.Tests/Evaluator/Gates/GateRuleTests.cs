using LlmOps.Evaluator;
using LlmOps.Evaluator.Gates;

namespace LlmOps.Tests.Evaluator.Gates;

/// <summary>What rules are understood as, and when they are broken.</summary>
public sealed class GateRuleTests
{
    [Fact]
    public void Rules_AreRead()
    {
        GateRule.Parse("rouge_l drops").ShouldBe(new ChangeRule("rouge_l drops", "rouge_l", ChangeVerb.Drops, null, false, false, null));
        GateRule.Parse(" rouge_l DROPS > 0.02 Significantly ").ShouldBe(new ChangeRule("rouge_l DROPS > 0.02 Significantly", "rouge_l", ChangeVerb.Drops, 0.02, false, true, null));
        GateRule.Parse("latency rises>10%").ShouldBe(new ChangeRule("latency rises>10%", "latency", ChangeVerb.Rises, 10, true, false, null));
        GateRule.Parse("cost rises > 5 % significantly in very hard").ShouldBe(new ChangeRule("cost rises > 5 % significantly in very hard", "cost", ChangeVerb.Rises, 5, true, true, "very hard"));
        GateRule.Parse("a/b.c improves > 1e-3 for tag de").ShouldBe(new ChangeRule("a/b.c improves > 1e-3 for tag de", "a/b.c", ChangeVerb.Improves, 0.001, false, false, "de"));
        GateRule.Parse("Any  Metric worsens significantly").ShouldBe(new ChangeRule("Any  Metric worsens significantly", null, ChangeVerb.Worsens, null, false, true, null));
        GateRule.Parse("exact<=.9").ShouldBe(new BoundRule("exact<=.9", "exact", "<=", 0.9, null));
        GateRule.Parse("latency > 2500 in long").ShouldBe(new BoundRule("latency > 2500 in long", "latency", ">", 2500, "long"));
        GateRule.Parse("missing > 2.5 %").ShouldBe(new MissingRule("missing > 2.5 %", new MissingBound(null, 0.025)));
        GateRule.Parse("missing > 3").ShouldBe(new MissingRule("missing > 3", new MissingBound(3, null)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rouge_l")]
    [InlineData("rouge_l falls")]
    [InlineData("rouge l drops")]
    [InlineData("rouge_l drops >= 0.1")]
    [InlineData("rouge_l drops > much")]
    [InlineData("rouge_l drops 0.1")]
    [InlineData("rouge_l drops > 0.1 significantly hard")]
    [InlineData("rouge_l = 1")]
    [InlineData("rouge_l < 5 %")]
    [InlineData("any metric < 0.5")]
    public void TextThatIsNoRule_IsRefused(string text) => Should.Throw<BadInputException>(() => GateRule.Parse(text)).Message.ShouldStartWith($"'{text}' is no rule; expected METRIC drops|rises|worsens|improves");

    [Theory]
    [InlineData("any metric drops", "'any metric drops' is no rule; metrics get better in different directions; expected any metric worsens.")]
    [InlineData("a drops > -1", "'a drops > -1' is no rule; expected an amount of at least 0, the verb says which way.")]
    [InlineData("a > 1e999", "'a > 1e999' is no rule; 1e999 is no number.")]
    [InlineData("missing > 150 %", "'missing > 150 %' is no rule; expected missing > a whole number, or a share such as 0.02 or 2 %.")]
    public void RuleThatCannotBe_IsRefused(string text, string reason) => Should.Throw<BadInputException>(() => GateRule.Parse(text)).Message.ShouldBe(reason);

    [Theory]
    [InlineData("quality drops", 0.80, 0.79, RuleState.Broken)]
    [InlineData("quality drops", 0.80, 0.80, RuleState.Holds)]
    [InlineData("quality drops", 0.80, 0.81, RuleState.Holds)]
    [InlineData("quality rises", 0.80, 0.81, RuleState.Broken)]
    [InlineData("quality worsens", 0.80, 0.79, RuleState.Broken)]
    [InlineData("quality worsens", 0.80, 0.81, RuleState.Holds)]
    [InlineData("quality improves", 0.80, 0.81, RuleState.Broken)]
    [InlineData("latency worsens", 100, 101, RuleState.Broken)]
    [InlineData("latency worsens", 100, 99, RuleState.Holds)]
    [InlineData("latency improves", 100, 99, RuleState.Broken)]
    [InlineData("quality drops > 0.02", 0.80, 0.77, RuleState.Broken)]
    [InlineData("quality drops > 0.02", 0.80, 0.78, RuleState.Holds)]
    [InlineData("latency rises > 10 %", 200, 221, RuleState.Broken)]
    [InlineData("latency rises > 10 %", 200, 220, RuleState.Holds)]
    [InlineData("latency rises > 10 %", 0, 1, RuleState.Broken)]
    [InlineData("latency rises > 10 %", 0, 0, RuleState.Holds)]
    public void Change_IsHeldAgainstTheBaseline(string rule, double baseline, double variant, object state) =>
        GateRule.Parse(rule).Judge(TestedEvaluation.Of(["v1", "v2"], TestedEvaluation.Comparison(rule.Split(' ')[0], baseline, variant))).State.ShouldBe((RuleState)state);

    [Theory]
    [InlineData("quality drops significantly", 0.049, RuleState.Broken)]
    [InlineData("quality drops significantly", 0.05, RuleState.Broken)]
    [InlineData("quality drops significantly", 0.051, RuleState.Holds)]
    [InlineData("quality drops > 0.02 significantly", 0.001, RuleState.Broken)]
    [InlineData("quality drops > 0.2 significantly", 0.001, RuleState.Holds)]
    [InlineData("quality drops > 0.02", 0.9, RuleState.Broken)]
    [InlineData("any metric worsens significantly", 0.001, RuleState.Broken)]
    [InlineData("any metric worsens significantly", 0.9, RuleState.Holds)]
    [InlineData("any metric worsens > 0.2 significantly", 0.001, RuleState.Holds)]
    public void Significance_IsThatOfTheAdjustedPValue(string rule, double p, object state) =>
        GateRule.Parse(rule).Judge(TestedEvaluation.Of(["v1", "v2"], TestedEvaluation.Comparison("quality", 0.8, 0.7, p))).State.ShouldBe((RuleState)state);

    [Fact]
    public void Reason_HasTheNumbers()
    {
        var facts = TestedEvaluation.Of(["v1", "v2", "v3"], TestedEvaluation.Comparison("quality", 0.8, 0.85, 0.2), TestedEvaluation.Comparison("quality", 0.8, 0.7, 0.0123, of: "v3"));

        GateRule.Parse("quality drops > 0.02 significantly").Judge(facts).ShouldBe(new RuleFinding(
            RuleState.Broken,
            "quality of v3 is 0.7 against 0.8, -0.1 (-12.5 %), adjusted p 0.0123, 10 cases; quality of v2 is 0.85 against 0.8, +0.05 (+6.25 %), adjusted p 0.2, 10 cases"));
    }

    [Theory]
    [InlineData("quality drops")]
    [InlineData("quality drops significantly")]
    [InlineData("any metric worsens significantly")]
    [InlineData("quality drops in hard")]
    public void ComparisonThatIsNotThere_IsUnknown(string rule) => GateRule.Parse(rule).Judge(TestedEvaluation.Of(["v1", "v2"])).State.ShouldBe(RuleState.Unknown);

    [Fact]
    public void TooFewCases_AreUnknown()
    {
        var few = TestedEvaluation.Of(["v1", "v2"], TestedEvaluation.Comparison("quality", 0.8, 0.7, cases: 3, verdict: LlmOps.Evaluator.Results.Verdict.TooFewCases));

        GateRule.Parse("quality drops significantly").Judge(few).ShouldBe(new RuleFinding(RuleState.Unknown, "quality of v2 has too few cases to judge (3)"));
        GateRule.Parse("quality drops").Judge(few).State.ShouldBe(RuleState.Broken);
        GateRule.Parse("quality drops").Judge(few with { MinCases = 4 }).State.ShouldBe(RuleState.Unknown);
        GateRule.Parse("quality < 0.9").Judge(few with { MinCases = 11 }).ShouldBe(new RuleFinding(RuleState.Unknown, "quality of v2 has too few cases to judge (10)"));
    }

    [Fact]
    public void MetricOfTooFewCases_DoesNotKeepOthersFromBeingJudged()
    {
        var facts = TestedEvaluation.Of(
            ["v1", "v2"],
            TestedEvaluation.Comparison("quality", 0.8, 0.7, 0.5),
            TestedEvaluation.Comparison("rare", 1, 0, cases: 1, verdict: LlmOps.Evaluator.Results.Verdict.TooFewCases));
        facts = facts with { Metrics = [.. facts.Metrics, TestedEvaluation.Metric("rare", LlmOps.Gateway.Statistics.MetricDirection.HigherIsBetter, true)] };

        GateRule.Default.Judge(facts).ShouldBe(new RuleFinding(RuleState.Holds, "1 of 2 comparisons looked at, none of them worse; rare of v2 has too few cases to judge (1)"));
    }

    [Theory]
    [InlineData("quality < 0.8", RuleState.Holds)]
    [InlineData("quality <= 0.8", RuleState.Broken)]
    [InlineData("quality > 0.8", RuleState.Holds)]
    [InlineData("quality >= 0.8", RuleState.Broken)]
    [InlineData("quality < 0.81", RuleState.Broken)]
    [InlineData("quality < 0.95 in hard", RuleState.Holds)]
    [InlineData("quality < 0.96 in hard", RuleState.Broken)]
    [InlineData("latency > 1", RuleState.Unknown)]
    [InlineData("latency > 1 in hard", RuleState.Unknown)]
    public void Bound_IsHeldAgainstTheMean(string rule, object state)
    {
        foreach (var variants in new string[][] { ["v1", "v2"], ["v1"] })
        {
            GateRule.Parse(rule).Judge(TestedEvaluation.Of(variants)).State.ShouldBe((RuleState)state);
        }
    }

    // Cases 9 and 10 are hard, with weights and scores of 9 and 0.9, 10 and 1.
    [Fact]
    public void MeanOfATag_IsWeighted() =>
        GateRule.Parse("quality < 0.5 in hard").Judge(TestedEvaluation.Of(["v1", "v2"])).Reason.ShouldBe("quality of v2 is 0.953, 2 cases");
}
