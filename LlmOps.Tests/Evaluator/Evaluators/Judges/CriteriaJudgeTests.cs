using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Evaluators.Judges;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Answers that a model checks by a list of criteria.</summary>
public sealed class CriteriaJudgeTests : JudgeTests
{
    private const string Three = """{"criteria":["Names the parcel","Names the day","Is polite"]}""";

    [Fact]
    public async Task Value_IsTheShareOfMetCriteria_AndTheOthersAreListed()
    {
        Say("""{"criteria":[{"number":1,"reason":"7","met":true},{"number":"3","reason":"curt","met":"no"},{"number":2,"reason":"Monday","met":true}]}""");
        var judge = await MakeAsync(Three);

        var score = (await judge.ScoreAsync(Answered("Parcel 7, Monday."), default))!;

        score.Value!.Value.ShouldBe(2.0 / 3, 1e-12);
        score.Reason.ShouldBe("Not met: 1 of 3.\n- Is polite (curt)");
        (score.Calls, judge.Metric.Judge).ShouldBe((1, "criteria-judge@v1"));
        Asked.Single().ShouldContain("<criteria>\n1. Names the parcel\n2. Names the day\n3. Is polite\n</criteria>");
        Asked.Single().ShouldContain("text:\nParcel 7 left Bremen on Monday.");
        Asked.Single().ShouldContain("<answer>\nParcel 7, Monday.\n</answer>");
    }

    [Theory]
    [InlineData("""{"criteria":[{"number":1,"met":true},{"number":2,"met":true}]}""", "2 criteria, 2 different ones; expected each of 3 once")]
    [InlineData("""{"criteria":[{"number":1,"met":true},{"number":2,"met":true},{"number":2,"met":false}]}""", "3 criteria, 2 different ones")]
    [InlineData("""{"criteria":[{"number":1,"met":true},{"number":2,"met":true},{"number":4,"met":true}]}""", "'number' is 4; expected a number from 1 to 3")]
    [InlineData("""{"criteria":[{"number":1,"met":true},{"number":1.5,"met":true},{"number":2,"met":true}]}""", "nothing of criterion 3")]
    [InlineData("""{"criteria":[{"met":true},{"met":true},{"met":true}]}""", "has no 'number'")]
    [InlineData("""{"criteria":[{"number":1,"met":true},{"number":2,"met":"mostly"},{"number":3,"met":true}]}""", "'met' is \"mostly\"")]
    [InlineData("""{"criteria":[]}""", "0 criteria")]
    [InlineData("All are met.", "no JSON object with 'criteria'")]
    public async Task VerdictsThatAreNotOneForEach_MakeTheScoreMissing(string said, string failure)
    {
        Say(said);
        var judge = await MakeAsync(Three);

        var score = (await judge.ScoreAsync(Answered("Parcel 7."), default))!;

        (score.Value, score.Calls).ShouldBe((null, 1));
        score.Failure!.ShouldContain(failure);
    }

    [Fact]
    public async Task CriteriaOfTheCase_AreItsMetadata()
    {
        Say("""{"criteria":[{"number":1,"reason":"yes","met":true}]}""");
        var judge = await MakeAsync("""{"criteria":"metadata.musts"}""");

        var own = (await judge.ScoreAsync(Answered("Parcel 7.", metadata: """{"musts":["Names the parcel"]}"""), default))!;
        var none = await judge.ScoreAsync(Answered("Parcel 7.", metadata: """{"other":1}"""), default);
        var wrong = (await judge.ScoreAsync(Answered("Parcel 7.", metadata: """{"musts":[1]}"""), default))!;

        (own.Value, own.Reason).ShouldBe((1, "Met: all of 1."));
        none.ShouldBeNull();
        wrong.Failure.ShouldBe("metadata.musts of the case is [1]; expected a list of texts.");
        Asked.Single().ShouldContain("1. Names the parcel\n</criteria>");
    }

    [Theory]
    [InlineData("{}", "criteria is missing; expected a list of texts, or metadata.NAME")]
    [InlineData("""{"criteria":[]}""", "criteria is an empty array; expected a list of texts")]
    [InlineData("""{"criteria":["a",{}]}""", "criteria[1] is an object")]
    [InlineData("""{"criteria":["a"],"rubric":"b"}""", "rubric is not known here")]
    public async Task SettingThatIsNotRight_IsRefusedByItsName(string settings, string told)
    {
        var fault = await Should.ThrowAsync<LlmOps.Evaluator.BadInputException>(async () => await MakeAsync(settings));

        fault.Message.ShouldStartWith("Evaluator criteria: ");
        fault.Message.ShouldContain(told);
    }

    private ValueTask<IEvaluator> MakeAsync(string settings) => EvaluatorCatalogue.MakeAsync(Spec(CriteriaJudge.Type, settings), new EvaluatorContext(Client, Model), default);
}
