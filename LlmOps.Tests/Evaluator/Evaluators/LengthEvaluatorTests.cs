namespace LlmOps.Tests.Evaluator.Evaluators;

public sealed class LengthEvaluatorTests
{
    [Theory]
    [InlineData("length:max_words=3", "one two three", 1)]
    [InlineData("length:max_words=3", "one two three four", 0)]
    [InlineData("length:min_words=1", "", 0)]
    [InlineData("length:max_words=0", "", 1)]
    [InlineData("length:min_words=2,max_words=4", "eins zwei", 1)]
    [InlineData("length:min_characters=3,max_characters=3", "a🙂b", 1)]
    [InlineData("length:max_sentences=1", "One. And another one.", 0)]
    [InlineData("length:max_sentences=2", "Dr. Smith came at 3 p.m. today. He left.", 1)]
    [InlineData("length:max_words=5", "私は猫です", 1)]
    [InlineData("length:max_words=4", "私は猫です", 0)]
    public async Task Length_IsHeldToItsBounds(string evaluator, string answer, double value) => (await Scored.ByAsync(evaluator, answer))!.Value.ShouldBe(value);

    [Fact]
    public async Task Reason_SaysWhatIsTooMuchOrTooLittle()
    {
        (await Scored.ByAsync("length:max_words=2,max_characters=5", "one two three"))!.Reason.ShouldBe("13 characters, more than 5; 3 words, more than 2");
        (await Scored.ByAsync("length:min_words=2", "one"))!.Reason.ShouldBe("1 words, fewer than 2");
    }

    [Fact]
    public async Task Tokens_CountWhereTheyAreKnown()
    {
        (await Scored.ByAsync("length:max_tokens=5", Scored.Answer("x") with { OutputTokens = 6 }))!.Value.ShouldBe(0);
        (await Scored.ByAsync("length:max_tokens=5", Scored.Answer("x") with { OutputTokens = 5 }))!.Value.ShouldBe(1);
        (await Scored.ByAsync("length:max_tokens=5", Scored.Answer("x"))).ShouldBeNull();
        (await Scored.ByAsync("length:max_tokens=5,max_words=1", Scored.Answer("x y")))!.Value.ShouldBe(0);
    }

    [Theory]
    [InlineData("length", "no bound is given", "min_characters, max_characters, min_words")]
    [InlineData("length:max_words=-1", "max_words is -1", "at least 0")]
    [InlineData("length:max_words=many", "max_words is \"many\"", "whole number")]
    [InlineData("length:min_words=5,max_words=4", "min_words is 5", "at most max_words")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
