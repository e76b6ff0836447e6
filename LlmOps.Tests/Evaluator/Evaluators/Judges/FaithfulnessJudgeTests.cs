using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Evaluators.Judges;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Answers whose claims a model holds against their source.</summary>
public sealed class FaithfulnessJudgeTests : JudgeTests
{
    [Fact]
    public async Task Value_IsTheShareOfSupportedClaims_AndTheOthersAreListed()
    {
        Say("""{"claims":[{"claim":"It left on Monday","reason":"said","supported":true},{"claim":"It is late","reason":"not said","supported":false},{"claim":"It is red","supported":"no"},{"claim":"From Bremen","reason":"said","supported":"Yes"}]}""");
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered("It left Bremen on Monday, red and late."), default))!;

        score.Value.ShouldBe(0.5);
        score.Reason.ShouldBe("Not supported: 2 of 4.\n- It is late (not said)\n- It is red");
        (score.Calls, judge.Metric.Judge).ShouldBe((1, "faithfulness-judge@v1"));
        Asked.Single().ShouldBe("Source:\n<source>\nParcel 7 left Bremen on Monday.\n</source>\n\nAnswer:\n<answer>\nIt left Bremen on Monday, red and late.\n</answer>\n");
    }

    [Fact]
    public async Task AnswerWithoutClaims_IsFaithful_AndAnEmptyOneNeedsNoJudge()
    {
        Say("""{"claims":[]}""");
        var judge = await MakeAsync();

        var polite = (await judge.ScoreAsync(Answered("What can I do for you?"), default))!;
        var empty = (await judge.ScoreAsync(Answered(""), default))!;

        (polite.Value, polite.Reason, polite.Calls).ShouldBe((1, "The answer claims nothing, so nothing in it is unsupported.", 1));
        (empty.Value, empty.Reason, empty.Calls).ShouldBe((1, polite.Reason, 0));
        Asked.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"claims":[{"claim":"a","supported":1}]}""", "'supported' is 1; expected true or false")]
    [InlineData("""{"claims":[{"claim":"a"}]}""", "has no 'supported'")]
    [InlineData("""{"claims":[{"supported":false}]}""", "has no 'claim'")]
    [InlineData("""{"claims":"none"}""", "expected a list of objects")]
    [InlineData("""{"claims":["a"]}""", "expected a list of objects")]
    [InlineData("""{"supported":true}""", "no JSON object with 'claims'")]
    public async Task ClaimsThatCannotBeRead_MakeTheScoreMissing(string said, string failure)
    {
        Say(said);
        var judge = await MakeAsync();

        var score = (await judge.ScoreAsync(Answered("It left."), default))!;

        (score.Value, score.Calls).ShouldBe((null, 1));
        score.Failure!.ShouldContain(failure);
    }

    [Theory]
    [InlineData(null, "context", true)]
    [InlineData(null, "source", true)]
    [InlineData(null, "document", false)]
    [InlineData("""{"source":"document"}""", "document", true)]
    [InlineData("""{"source":"document"}""", "text", false)]
    public async Task Source_IsTheVariableThatIsNamedOrUsual(string? settings, string variable, bool applies)
    {
        Say("""{"claims":[]}""");
        var judge = await MakeAsync(settings);
        var asked = new EvaluationCase { Id = "c", Line = 1, Variables = new Dictionary<string, string> { ["question"] = "When?", [variable] = "On Monday." } };

        var score = await judge.ScoreAsync(new ScoredAnswer(asked, Answer("On Monday."), null), default);

        (score is not null).ShouldBe(applies);
        Asked.Count(text => text.Contains("<source>\nOn Monday.\n", StringComparison.Ordinal)).ShouldBe(applies ? 1 : 0);
    }

    private ValueTask<IEvaluator> MakeAsync(string? settings = null) => EvaluatorCatalogue.MakeAsync(Spec(FaithfulnessJudge.Type, settings), new EvaluatorContext(Client, Model), default);
}
