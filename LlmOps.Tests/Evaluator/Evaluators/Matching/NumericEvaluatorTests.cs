using LlmOps.Evaluator.Evaluators.Matching;

namespace LlmOps.Tests.Evaluator.Evaluators.Matching;

public sealed class NumericEvaluatorTests
{
    [Theory]
    [InlineData("numeric", "The answer is 42.", "42", 1)]
    [InlineData("numeric", "First 7, then 42", "42", 1)]
    [InlineData("numeric", "42, not 7", "42", 0)]
    [InlineData("numeric:take=only", "42", "42", 1)]
    [InlineData("numeric:take=only", "42, not 7", "42", 0)]
    [InlineData("numeric", "forty-two", "42", 0)]
    [InlineData("numeric", "", "42", 0)]
    [InlineData("numeric", "1,234.50", "1234.5", 1)]
    [InlineData("numeric", "-3", "-3", 1)]
    [InlineData("numeric", "−3", "-3", 1)]
    [InlineData("numeric", "6.02e23", "602000000000000000000000", 1)]
    [InlineData("numeric:decimal=comma", "Es kostet 1.234,50 €", "1234.5", 1)]
    [InlineData("numeric:absolute=0.1", "1.1", "1", 1)]
    [InlineData("numeric:absolute=0.1", "1.11", "1", 0)]
    [InlineData("numeric:relative=0.01", "99", "100", 1)]
    [InlineData("numeric:relative=0.01", "98.9", "100", 0)]
    [InlineData("numeric:relative=0.5", "0.1", "0", 0)]
    [InlineData("numeric:absolute=1e-9,relative=0", "0.3000000001", "0.3", 1)]
    public async Task Number_IsComparedWithinTheTolerance(string evaluator, string answer, string expected, double value) =>
        (await Scored.ByAsync(evaluator, answer, Scored.Expecting(expected)))!.Value.ShouldBe(value);

    [Fact]
    public async Task ExpectedJsonNumber_IsTaken() => (await Scored.ByAsync("numeric", "4.20", Scored.ExpectingJson("4.2")))!.Value.ShouldBe(1);

    [Fact]
    public async Task CaseThatExpectsNoNumber_HasNoScore()
    {
        (await Scored.ByAsync("numeric", "42", Scored.Expecting("Paris"))).ShouldBeNull();
        (await Scored.ByAsync("numeric", "42")).ShouldBeNull();
    }

    [Theory]
    [InlineData("[1,2,3]", false, "1 2 3")]
    [InlineData("v2 and GPT4 of 2024-05-17", false, "2024 5 17")]
    [InlineData("3.14.15", false, "3.14")]
    [InlineData(".5 and $.25", false, "0.5 0.25")]
    [InlineData("10 000 and 10\u202f000 and 1'000'000", false, "10 0 10000 1000000")]
    [InlineData("5kg, 12%, (7)", false, "5 12 7")]
    [InlineData("1,2,3", true, "1.2")]
    [InlineData("3,5 und 1.000", true, "3.5 1000")]
    [InlineData("2e999999999 or 2e400", false, "")]
    [InlineData("١٢", false, "")]
    public void Numbers_AreFound(string text, bool hasDecimalComma, string numbers) =>
        string.Join(' ', NumberText.All(text, hasDecimalComma).Select(number => number.ToText().Text)).ShouldBe(numbers);

    [Fact]
    public void NumbersOfManyDigits_AreNone() => NumberText.All(new string('9', 301)).ShouldBeEmpty();

    [Theory]
    [InlineData("numeric:absolute=-1", "absolute is -1", "from 0")]
    [InlineData("numeric:relative=much", "relative is \"much\"", "a number")]
    [InlineData("numeric:take=first", "take is \"first\"", "last or only")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
