namespace LlmOps.Tests.Evaluator.Evaluators.Matching;

public sealed class ExactEvaluatorTests
{
    [Theory]
    [InlineData("exact", "billing", "billing", 1)]
    [InlineData("exact", " billing\n", "billing", 1)]
    [InlineData("exact:trim=false", " billing\n", "billing", 0)]
    [InlineData("exact", "Billing", "billing", 0)]
    [InlineData("exact:ignore_case=true", "ÄRGER", "ärger", 1)]
    [InlineData("exact", "two  words", "two words", 0)]
    [InlineData("exact:normalize=whitespace", "two \n\u00a0 words", "two words", 1)]
    [InlineData("exact", "", "billing", 0)]
    [InlineData("exact", "", "", 1)]
    [InlineData("exact", "billing.", "billing", 0)]
    public async Task Answer_IsComparedWithTheExpectedText(string evaluator, string answer, string expected, double value) =>
        (await Scored.ByAsync(evaluator, answer, Scored.Expecting(expected)))!.Value.ShouldBe(value);

    [Fact]
    public async Task ExpectedNumber_IsItsText() => (await Scored.ByAsync("exact", "42", Scored.ExpectingJson("42")))!.Value.ShouldBe(1);

    [Fact]
    public async Task WithoutAnExpectedText_AnyReferenceWillDo()
    {
        (await Scored.ByAsync("exact", "b", Scored.With("a", "b")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("exact", "c", Scored.With("a", "b")))!.Value.ShouldBe(0);
        (await Scored.ByAsync("exact", "c")).ShouldBeNull();
    }

    [Fact]
    public async Task Reason_QuotesBoth() =>
        (await Scored.ByAsync("exact", new string('x', 100), Scored.Expecting("y\nz")))!.Reason.ShouldBe($"“{new string('x', 80)}…” is not “y z”");

    [Theory]
    [InlineData("exact:normalize=all", "normalize is \"all\"", "none or whitespace")]
    [InlineData("exact:ignore_case=1", "ignore_case is 1", "true or false")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
