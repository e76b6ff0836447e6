using LlmOps.Evaluator;
using LlmOps.Evaluator.Gates;
using LlmOps.Evaluator.Results;
using EvaluationGate = LlmOps.Evaluator.Gates.Gate;

namespace LlmOps.Tests.Evaluator.Gates;

/// <summary>How an evaluation ends.</summary>
public sealed class GateTests
{
    private static readonly GateFacts Worse = TestedEvaluation.Of(["v1", "v2"], TestedEvaluation.Comparison("quality", 0.8, 0.7, 0.001), TestedEvaluation.Comparison("latency", 100, 150, 0.001));
    private static readonly GateFacts Same = TestedEvaluation.Of(["v1", "v2"], TestedEvaluation.Comparison("quality", 0.8, 0.79, 0.6), TestedEvaluation.Comparison("latency", 100, 150, 0.001));

    [Fact]
    public void NoRules_AreTheDefault()
    {
        EvaluationGate.Judge(Worse, [], null).ShouldBe(GateStatus.Regression, "any metric worsens significantly: False, quality of v2 is 0.7 against 0.8, -0.1 (-12.5 %), adjusted p 0.001, 10 cases.");

        EvaluationGate.Judge(Same, [], null).ShouldBe(GateStatus.Passed, "any metric worsens significantly: True, 1 of 1 comparisons looked at, none of them worse.");
    }

    [Fact]
    public void OneVariant_IsHeldToBoundsAlone()
    {
        var run = TestedEvaluation.Of(["v1"]);

        EvaluationGate.Judge(run, [], null).ShouldBe(GateStatus.Passed);
        EvaluationGate.Judge(run, [GateRule.Parse("quality drops"), GateRule.Parse("quality < 0.9")], null).ShouldBe(GateStatus.Regression, "quality < 0.9: False, quality of v1 is 0.8, 10 cases.");
    }

    [Fact]
    public void MissingAnswers_WinOverARegression()
    {
        var outcome = EvaluationGate.Judge(Worse.Without(answers: 2), [], null);

        outcome.Status.ShouldBe(GateStatus.Incomplete);
        outcome.Rules.ShouldHaveSingleItem().Passed.ShouldBeFalse();
        outcome.Incomplete.ShouldBe(["2 of 20 answers are missing"]);
    }

    [Fact]
    public void CasesThatWereNotAsked_AreMissing()
    {
        var facts = Same with { Cases = [.. Same.Cases.Select((each, index) => index < 3 ? each with { Answers = [] } : each)] };

        EvaluationGate.Judge(facts, [], null).Incomplete.ShouldBe(["6 of 20 answers are missing"]);
    }

    [Fact]
    public void RuleOnWhatIsMissing_StandsInThePlaceOfMaxMissing() =>
        EvaluationGate.Judge(Same.Without(answers: 1), [GateRule.Parse("missing > 10 %")], MissingBound.None).Status.ShouldBe(GateStatus.Passed);

    [Fact]
    public void FailedScores_AreMissing()
    {
        var outcome = EvaluationGate.Judge(Same.Without(answers: 1, scores: 3), [], null);

        outcome.Status.ShouldBe(GateStatus.Incomplete);
        outcome.Incomplete.ShouldBe(["1 of 20 answers are missing", "3 of 19 scores of quality are missing"]);
    }

    [Theory]
    [InlineData("2", GateStatus.Regression)]
    [InlineData("1", GateStatus.Incomplete)]
    [InlineData("10 %", GateStatus.Regression)]
    [InlineData("0.09", GateStatus.Incomplete)]
    public void MaxMissing_SaysHowMuchMayBe(string bound, object status) =>
        EvaluationGate.Judge(Worse.Without(answers: 2), [], MissingBound.Parse(bound)).Status.ShouldBe((GateStatus)status);

    [Theory]
    [InlineData("missing > 10 %", GateStatus.Passed)]
    [InlineData("missing > 5 %", GateStatus.Incomplete)]
    public void MissingRule_StandsInItsPlace(string rule, object status)
    {
        var outcome = EvaluationGate.Judge(Same.Without(answers: 2), [GateRule.Parse(rule)], null);

        outcome.Status.ShouldBe((GateStatus)status);
        outcome.Rules.ShouldHaveSingleItem().Reason.ShouldEndWith("2 of 20 answers are missing.");
    }

    [Fact]
    public void RuleThatCannotBeJudged_IsIncompleteUnlessAnotherIsBroken()
    {
        var unknown = GateRule.Parse("quality drops in hard");

        var outcome = EvaluationGate.Judge(Same, [unknown], null);

        outcome.ShouldBe(GateStatus.Incomplete, "quality drops in hard: False, Not judged: quality of v2 has no cases to compare.");
        outcome.Incomplete.ShouldBe(["quality drops in hard: quality of v2 has no cases to compare"]);
        EvaluationGate.Judge(Same, [unknown, GateRule.Parse("latency rises > 10 %")], null).Status.ShouldBe(GateStatus.Regression);
    }

    [Fact]
    public void NameThatIsNotThere_IsBadInput() =>
        Should.Throw<BadInputException>(() => EvaluationGate.Judge(Same, [GateRule.Parse("rouge_l drops"), GateRule.Parse("quality < 1 in easy")], null)).Faults.ShouldBe(
        [
            "'rouge_l drops': There is no metric rouge_l; expected one of quality, latency.",
            "'quality < 1 in easy': No case has the tag easy; expected one of hard.",
        ]);
}

internal static class GateOutcomeAssertions
{
    public static void ShouldBe(this GateOutcome outcome, GateStatus status, params string[] rules)
    {
        outcome.Status.ShouldBe(status);
        outcome.Rules.Select(rule => $"{rule.Rule}: {rule.Passed}, {rule.Reason}").ShouldBe(rules);
    }
}
