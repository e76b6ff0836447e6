namespace LlmOps.Tests.Evaluator.Evaluators.Matching;

public sealed class RegexEvaluatorTests
{
    [Theory]
    [InlineData("""regex:pattern=^\d+$""", "123", 1)]
    [InlineData("""regex:pattern=^\d+$""", "123 ", 0)]
    [InlineData("""regex:pattern=^\d+$""", "", 0)]
    [InlineData("regex:pattern=größe", "Die GRÖSSE, die Größe", 0)]
    [InlineData("regex:pattern=größe,ignore_case=true", "die Größe", 1)]
    public async Task Pattern_IsLookedFor(string evaluator, string answer, double value) => (await Scored.ByAsync(evaluator, answer))!.Value.ShouldBe(value);

    [Fact]
    public async Task ExpectedText_IsThePatternWhereNoneIsGiven()
    {
        (await Scored.ByAsync("regex", "abc", Scored.Expecting("^a.c$")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("regex", "abd", Scored.Expecting("^a.c$")))!.Reason.ShouldBe("“^a.c$” is not found in it");
        (await Scored.ByAsync("regex", "abc")).ShouldBeNull();
    }

    [Fact]
    public async Task ExpectedTextThatIsNoPattern_IsMissingNotZero()
    {
        var score = await Scored.ByAsync("regex", "abc", Scored.Expecting("[a"));

        score!.Value.ShouldBeNull();
        score.Failure!.ShouldStartWith("The expected text is no regular expression");
    }

    [Fact]
    public async Task PatternThatTakesTooLong_IsMissingNotZero()
    {
        var score = await Scored.ByAsync("regex:pattern=^(a+)+$", new string('a', 40) + "b");

        score!.Value.ShouldBeNull();
        score.Failure.ShouldBe("The regular expression took more than 1 s.");
    }

    [Theory]
    [InlineData("regex:pattern=[a", "pattern is \"[a\"", "a regular expression")]
    [InlineData("regex:pattern=", "pattern is \"\"", "a text that is not empty")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
