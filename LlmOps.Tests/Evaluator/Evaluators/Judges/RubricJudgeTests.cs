using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Evaluators.Judges;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Answers that a model scores by a rubric.</summary>
public sealed class RubricJudgeTests : JudgeTests
{
    [Fact]
    public async Task Answer_IsScoredOnTheRubricsScale_WithReasonAndCost()
    {
        Say("""{"reason":"It is short and right.","score":4}""");
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered("Parcel 7 is on its way."), default))!;

        (score.Value, score.Reason, score.Failure).ShouldBe((4, "It is short and right.", null));
        (score.Calls, score.UnpricedCalls).ShouldBe((1, 0));
        score.CostUsd!.Value.ShouldBeGreaterThan(0);
        (judge.CallsModel, judge.Metric.Judge, judge.Metric.IsPairwise).ShouldBe((true, "answer-judge@v2", false));
        (judge.Metric.Name, judge.Metric.Kind).ShouldBe(("judge", MetricKind.Score));
    }

    [Fact]
    public async Task Judge_IsAskedWithTheCasesVariablesAndTheAnswer_AndAnOwnAnswerIsNotReused()
    {
        Say("""{"reason":"ok","score":5}""");
        var judge = await MakeAsync("""{"task":"Summarize the text."}""");

        await judge.ScoreAsync(Answered("Parcel 7 is on its way."), default);
        await judge.ScoreAsync(Answered("Parcel 7 is on its way."), default);

        Asked.Count.ShouldBe(2);
        Asked[0].ShouldBe("""
            Conversation:
            <conversation>
            Summarize the text.

            text:
            Parcel 7 left Bremen on Monday.

            length:
            1 sentence
            </conversation>

            Answer:
            <answer>
            Parcel 7 is on its way.
            </answer>

            """);
        var sent = Fake.Requests[0].Json;
        (sent.GetProperty("model").GetString(), sent.GetProperty("temperature").GetDouble()).ShouldBe((Model, 0));
        sent.GetProperty("response_format").GetProperty("type").GetString().ShouldBe("json_schema");
        sent.GetProperty("messages")[0].GetProperty("content").GetString()!.ShouldContain("a whole number from 1 to 5}");
    }

    [Fact]
    public async Task RubricAndScale_AreGivenToTheJudge()
    {
        Say("""{"reason":"ok","score":10}""");
        var judge = await MakeAsync("""{"rubric":"10: polite.\n0: rude.","min":0,"max":10}""");

        var score = (await judge.ScoreAsync(Answered("Please."), default))!;

        score.Value.ShouldBe(10);
        var system = Fake.Requests.Single().Json.GetProperty("messages")[0].GetProperty("content").GetString()!;
        system.ShouldContain("10: polite.\n0: rude.");
        system.ShouldContain("a whole number from 0 to 10}");
        system.ShouldNotContain("5: correct");
    }

    [Theory]
    [InlineData("""{"score":6}""", "expected a number from 1 to 5")]
    [InlineData("""{"score":"high"}""", "expected a number from 1 to 5")]
    [InlineData("""{"rating":4}""", "no JSON object with 'score'")]
    [InlineData("I would give it a 4.", "no JSON object with 'score'")]
    [InlineData("", "it is empty")]
    public async Task AnswerThatIsNoJudgement_FailsAndStillCosts(string said, string failure)
    {
        Say(said);
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered("Parcel 7."), default))!;

        score.Value.ShouldBeNull();
        score.Failure!.ShouldContain(failure);
        score.Calls.ShouldBe(1);
        score.CostUsd!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task AnswerThatWasCut_IsNoJudgement()
    {
        Says = _ => FakeAnswer.Of(new FakeChoice { Content = ["""At first {"score":2}, but then"""], FinishReason = "length" });
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered("Parcel 7."), default))!;

        score.Value.ShouldBeNull();
        score.Failure!.ShouldContain("cut (length)");
    }

    [Fact]
    public async Task EmptyAnswer_IsJudgedAsOne_AndToolCallsAreShown()
    {
        Say("""{"score":1}""");
        var judge = await MakeAsync();

        await judge.ScoreAsync(Answered(" "), default);
        await judge.ScoreAsync(new ScoredAnswer(Case(), Answer("") with { ToolCalls = [new AnswerToolCall("track", """{"parcel":7}""")] }, null), default);

        Asked[0].ShouldContain("(The answer is empty.)");
        Asked[1].ShouldContain("""Calls track with {"parcel":7}""");
    }

    [Fact]
    public async Task ModelWithoutPrice_IsCountedAsSuch()
    {
        Say("""{"score":3}""");
        var judge = await MakeAsync("""{"model":"openai/a-model-of-no-price"}""");

        var score = (await judge.ScoreAsync(Answered("Parcel 7."), default))!;

        (score.Value, score.Calls, score.UnpricedCalls, score.CostUsd).ShouldBe((3, 1, 1, null));
        Fake.Requests.Single().Json.GetProperty("model").GetString().ShouldBe("a-model-of-no-price");
    }

    [Fact]
    public async Task OfflineModel_DoesNotJudge()
    {
        var judge = await MakeAsync("""{"model":"offline"}""");

        var score = (await judge.ScoreAsync(Answered("Parcel 4 left."), default))!;

        (score.Value, score.Failure).ShouldBe((null, "The offline model cannot judge; expected another model for judges."));
        (score.Calls, score.CostUsd).ShouldBe((1, 0));
    }

    [Fact]
    public async Task CallThatFails_IsNoScore()
    {
        Fake.Handler = _ => FakeOpenAI.Error(500, "down");
        var judge = await MakeAsync();

        var failure = await Should.ThrowAsync<GatewayCallException>(async () => await judge.ScoreAsync(Answered("Parcel 7."), default));

        failure.Status.ShouldBe(502);
    }

    [Theory]
    [InlineData("""{"min":5}""", "Evaluator judge: min is 5; expected min below max")]
    [InlineData("""{"max":0}""", "max is 0")]
    [InlineData("""{"max":10}""", "rubric is missing")]
    [InlineData("""{"rubric":"x","prompt":"answer-judge","version":"v1"}""", "answer-judge@v1 takes no variable 'rubric'")]
    [InlineData("""{"rubrik":"x"}""", "rubrik is not known here; expected prompt, version, model, task, rubric, min, max")]
    [InlineData("""{"model":""}""", "model is \"\"")]
    [InlineData("""{"prompt":"nobody"}""", "nobody")]
    [InlineData("""{"version":"v9"}""", "has no version or label 'v9'")]
    [InlineData("""{"prompt":"summarizer"}""", "takes no variable 'answer'")]
    [InlineData("""{"prompt":"faithfulness-judge"}""", "requires 'source'")]
    public async Task SettingThatIsNotRight_IsRefusedByItsName(string settings, string told)
    {
        var fault = await Should.ThrowAsync<LlmOps.Evaluator.BadInputException>(async () => await MakeAsync(settings));

        fault.Message.ShouldStartWith("Evaluator judge: ");
        fault.Message.ShouldContain(told);
    }

    private ValueTask<IEvaluator> MakeAsync(string? settings = null) => EvaluatorCatalogue.MakeAsync(Spec(RubricJudge.Type, settings), new EvaluatorContext(Client, Model), default);
}
