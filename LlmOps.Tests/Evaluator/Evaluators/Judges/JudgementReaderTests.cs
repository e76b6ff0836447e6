using LlmOps.Evaluator.Evaluators.Judges;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Where in a judge's answer the judgement is.</summary>
public sealed class JudgementReaderTests
{
    [Theory]
    [InlineData("""{"reason":"ok","score":4}""")]
    [InlineData("""  {"score":4}  """)]
    [InlineData("```json\n{\"score\": 4}\n```")]
    [InlineData("```\n{\n  \"score\": 4\n}\n```\nI hope this helps.")]
    [InlineData("""Let me think. {"score":4} That is my judgement.""")]
    [InlineData("""<think>{not json} \frac{1}{2} { "a": </think>{"Score":4}""")]
    [InlineData("""{"SCORE":4}""")]
    [InlineData("""{"judgement":{"reason":"ok","score":4}}""")]
    [InlineData("""[{"score":4}]""")]
    [InlineData("""{"other":1} {"score":4} {"other":2}""")]
    [InlineData("""Of the form {"reason": "…", "score": 1}, this is mine: {"reason":"good","score":4}""")]
    [InlineData("""{"score":4,"parts":[{"score":2},{"score":1}]}""")]
    [InlineData("""{"score":4} and then {"score":5,"reason":"cut""")]
    [InlineData("""{"\ud800":1,"score":4}""")]
    public void Judgement_IsFoundWhereverItIs(string text) => JudgementReader.Find(text, "score").Number("score", 1, 5).ShouldBe(4);

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("The answer is good: 4 of 5.", "The answer is good: 4 of 5.")]
    [InlineData("4", "no JSON object with 'score': 4")]
    [InlineData("[4]", "[4]")]
    [InlineData("""{"reason":"good","rating":4}""", "rating")]
    [InlineData("""{"reason":"good","score":4""", "no JSON object")]
    [InlineData("""{'score':4}""", "no JSON object")]
    [InlineData("""{"score":4,}""", "no JSON object")]
    [InlineData("""{"score":NaN}""", "no JSON object")]
    [InlineData(""" "{\"score\":4}" """, "no JSON object")]
    public void NoJudgement_IsToldWithWhatIsThere(string text, string told) =>
        Should.Throw<JudgementException>(() => JudgementReader.Find(text, "score")).Message.ShouldContain(told);

    [Fact]
    public void LongAnswerWithoutJudgement_IsShownInShort_AndReadAtOnce()
    {
        // Unclosed objects within each other, as an attack would have them.
        var text = string.Concat(Enumerable.Repeat("{\"a\":[1,{\"b\":\"x\"},", 20_000));

        var message = Should.Throw<JudgementException>(() => JudgementReader.Find(text, "score")).Message;

        message.Length.ShouldBeLessThan(300);
    }
}
