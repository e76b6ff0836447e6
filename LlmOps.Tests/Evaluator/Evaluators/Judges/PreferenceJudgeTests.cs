using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Evaluators.Judges;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Answers that a model holds against the baseline's, in both orders.</summary>
public sealed class PreferenceJudgeTests : JudgeTests
{
    private const string Ours = "Ours.";
    private const string Theirs = "Theirs.";

    [Theory]
    [InlineData("first", "second", 1, 1, 1)]
    [InlineData("second", "first", 0, 0, 0)]
    [InlineData("first", "first", 0.5, 1, 0)]
    [InlineData("second", "second", 0.5, 0, 1)]
    [InlineData("tie", "tie", 0.5, 0.5, 0.5)]
    [InlineData("First", "TIE", 0.75, 1, 0.5)]
    [InlineData("tie", "first", 0.25, 0.5, 0)]
    public async Task BothOrders_AreAskedAndTheirMeanCounts(string oursFirst, string oursSecond, double value, double first, double second)
    {
        Says = asked => Verdict(IsOursFirst(asked) ? oursFirst : oursSecond, IsOursFirst(asked) ? "why" : "why not");
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered(Ours, Theirs), default))!;

        (score.Value, score.Orders).ShouldBe((value, new OrderedVerdicts(first, second)));
        score.Reason.ShouldBe("Read before the baseline's: why\nRead after it: why not");
        (score.Calls, score.UnpricedCalls).ShouldBe((2, 0));
        Asked.Count.ShouldBe(2);
        IsOursFirst(Asked[0]).ShouldBeTrue();
        Asked[1].ShouldContain($"<first>\n{Theirs}\n</first>\n\nSecond answer:\n<second>\n{Ours}\n</second>");
        (judge.Metric.IsPairwise, judge.Metric.Judge).ShouldBe((true, "preference-judge@v1"));
    }

    [Fact]
    public async Task Cost_IsThatOfBothCalls()
    {
        Says = asked => Verdict("tie") with { Usage = new FakeUsage(IsOursFirst(asked) ? 1000 : 3000, 0) };
        var judge = await MakeAsync();

        var both = (await judge.ScoreAsync(Answered(Ours, Theirs), default))!.CostUsd!.Value;

        Says = _ => Verdict("tie") with { Usage = new FakeUsage(4000, 0) };
        var sum = (await judge.ScoreAsync(Answered(Ours, "Others."), default))!.CostUsd!.Value / 2;
        both.ShouldBe(sum);
    }

    [Fact]
    public async Task SameAnswers_AreATieWithoutACall_AndTheBaselineHasNoScore()
    {
        var judge = await MakeAsync();

        var same = (await judge.ScoreAsync(Answered(Ours, Ours), default))!;
        var none = await judge.ScoreAsync(Answered(Ours), default);

        (same.Value, same.Orders, same.Calls).ShouldBe((0.5, null, 0));
        none.ShouldBeNull();
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"better":"ours"}""", "first", "Read before the baseline's: The judge's 'better' is \"ours\"", 1)]
    [InlineData("first", "nothing", "Read after the baseline's: ", 2)]
    public async Task VerdictThatCannotBeRead_MakesTheScoreMissing_NotHalf(string oursFirst, string oursSecond, string failure, int calls)
    {
        Says = asked => Verdict(IsOursFirst(asked) ? oursFirst : oursSecond);
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered(Ours, Theirs), default))!;

        (score.Value, score.Orders, score.Calls).ShouldBe((null, null, calls));
        score.Failure!.ShouldStartWith(failure);
        score.CostUsd!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task SecondCallThatFails_ThrowsAndTheFirstIsNotPaidForAgain()
    {
        var verdicts = FakeOpenAI.Handler(_ => Verdict("tie"), GatewayApplication.ProviderKey);
        var fails = true;
        Fake.Handler = request => IsOursFirst(request.Json.GetProperty("messages")[1].GetProperty("content").GetString()!) || !fails ? verdicts(request) : FakeOpenAI.Error(429, "slow down");
        var judge = await MakeAsync();

        var failure = await Should.ThrowAsync<GatewayCallException>(async () => await judge.ScoreAsync(Answered(Ours, Theirs), default));
        fails = false;
        var score = (await judge.ScoreAsync(Answered(Ours, Theirs), default))!;

        failure.Status.ShouldBe(429);
        (score.Value, score.Calls).ShouldBe((0.5, 2));
        Asked.Select(IsOursFirst).ShouldBe([true, false, false]);
    }

    private static bool IsOursFirst(string asked) => asked.Contains($"<first>\n{Ours}\n", StringComparison.Ordinal);

    private static FakeAnswer Verdict(string better, string reason = "so") =>
        FakeAnswer.Text(better.StartsWith('{') ? better : $$"""{"reason":"{{reason}}","better":"{{better}}"}""");

    private ValueTask<IEvaluator> MakeAsync() => EvaluatorCatalogue.MakeAsync(Spec(PreferenceJudge.Type), new EvaluatorContext(Client, Model), default);
}
