using LlmOps.Evaluator;
using LlmOps.Evaluator.Gates;

namespace LlmOps.Tests.Evaluator.Gates;

/// <summary>How much may be missing.</summary>
public sealed class MissingBoundTests
{
    [Theory]
    [InlineData("0", "0", 0, 100)]
    [InlineData("3", "3", 3, 100)]
    [InlineData("0.02", "2 %", 2, 100)]
    [InlineData("2%", "2 %", 2, 100)]
    [InlineData("2.5 %", "2.5 %", 2, 100)]
    [InlineData("100 %", "100 %", 100, 100)]
    public void Bound_AllowsSoMuchAndNoMore(string text, string shown, long most, long of)
    {
        var bound = MissingBound.Parse(text);

        bound.ToString().ShouldBe(shown);
        bound.Allows(most, of).ShouldBeTrue();
        bound.Allows(most + 1, of).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("101 %")]
    [InlineData("some")]
    public void OtherText_IsRefused(string text) => Should.Throw<BadInputException>(() => MissingBound.Parse(text)).Message.ShouldBe($"'{text}' does not say how much may be missing; expected a whole number, or a share such as 0.02 or 2 %.");
}
