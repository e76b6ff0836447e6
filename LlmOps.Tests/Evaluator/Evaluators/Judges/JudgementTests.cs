using System.Text.Json;
using LlmOps.Evaluator.Evaluators.Judges;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>What of a judge's JSON is taken for a number, a yes or a word, and what is refused.</summary>
public sealed class JudgementTests
{
    [Theory]
    [InlineData("4", 4)]
    [InlineData("4.0", 4)]
    [InlineData("4.5", 4.5)]
    [InlineData("40e-1", 4)]
    [InlineData("\"4\"", 4)]
    [InlineData("\" 4.5 \"", 4.5)]
    [InlineData("\"4/5\"", 4)]
    [InlineData("\"4 / 5\"", 4)]
    [InlineData("\"4.0/5.0\"", 4)]
    [InlineData("1", 1)]
    [InlineData("5", 5)]
    public void Number_IsReadInItsForms(string json, double expected) => Of(json).Number("v", 1, 5).ShouldBe(expected);

    [Theory]
    [InlineData("0")]
    [InlineData("5.01")]
    [InlineData("-4")]
    [InlineData("1e999")]
    [InlineData("\"four\"")]
    [InlineData("\"\"")]
    [InlineData("\"8/10\"")]
    [InlineData("\"4/5/5\"")]
    [InlineData("\"4,5\"")]
    [InlineData("\"4 of 5\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("true")]
    [InlineData("[4]")]
    [InlineData("{\"v\":4}")]
    public void NumberOutOfScaleOrOfAnotherType_IsRefused(string json)
    {
        var message = Should.Throw<JudgementException>(() => Of(json).Number("v", 1, 5)).Message;

        message.ShouldStartWith("The judge's 'v' is ");
        message.ShouldContain("expected ");
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"yes\"", true)]
    [InlineData("\"No\"", false)]
    [InlineData("\" TRUE \"", true)]
    [InlineData("\"False\"", false)]
    public void Flag_IsReadInItsForms(string json, bool expected) => Of(json).Flag("v").ShouldBe(expected);

    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    [InlineData("\"maybe\"")]
    [InlineData("\"partly yes\"")]
    [InlineData("[]")]
    public void WhatIsNeitherYesNorNo_IsRefused(string json) =>
        Should.Throw<JudgementException>(() => Of(json).Flag("v")).Message.ShouldEndWith("expected true or false.");

    [Theory]
    [InlineData("\"first\"")]
    [InlineData("\" First \"")]
    public void Word_IsReadWhateverItsCase(string json) => Of(json).Word("v", "first", "second").ShouldBe("first");

    [Theory]
    [InlineData("\"third\"")]
    [InlineData("\"first or second\"")]
    [InlineData("1")]
    public void AnotherWord_IsRefused(string json) =>
        Should.Throw<JudgementException>(() => Of(json).Word("v", "first", "second")).Message.ShouldEndWith("expected first, second.");

    [Theory]
    [InlineData("""{"score":4,"Score":5}""", "more than once")]
    [InlineData("""{"score":4,"score":4}""", "more than once")]
    [InlineData("""{"score":null}""", "has no 'score'")]
    public void MemberThatIsThereTwiceOrNull_IsRefused(string json, string told) =>
        Should.Throw<JudgementException>(() => new Judgement(JsonElement.Parse(json)).Number("score", 1, 5)).Message.ShouldContain(told);

    [Theory]
    [InlineData("""{"reason":"Good."}""", "Good.")]
    [InlineData("""{"REASON":"Good."}""", "Good.")]
    [InlineData("""{"reason":["Good.","Short."]}""", """["Good.","Short."]""")]
    [InlineData("""{"reason":null}""", null)]
    [InlineData("{}", null)]
    public void Reason_IsWhatTheJudgeSays(string json, string? expected) => new Judgement(JsonElement.Parse(json)).Reason.ShouldBe(expected);

    [Fact]
    public void LongValue_IsShownInShort() =>
        Should.Throw<JudgementException>(() => Of($"\"{new string('x', 10_000)}\"").Flag("v")).Message.Length.ShouldBeLessThan(300);

    [Theory]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("\"none\"")]
    public void ItemsThatAreNoObjects_AreRefused(string json) => Should.Throw<JudgementException>(() => Of(json).Items("v"));

    private static Judgement Of(string value) => new(JsonElement.Parse($$"""{"v":{{value}}}"""));
}
