using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class TokenF1Tests
{
    // The definition of SQuAD's evaluate-v2.0.py: in lower case, without punctuation and articles.
    [Theory]
    [InlineData("1976", "1976", 1)]
    [InlineData("1999", "1976", 0)]
    [InlineData("The Beyoncé!", "beyoncé", 1)]
    [InlineData("Beyonce", "Beyoncé and Bruno Mars", 0)]
    [InlineData("in the city of Paris", "Paris, France", 2.0 / 6)]
    [InlineData("a a b", "b b", 2.0 / 3)]
    [InlineData("“Paris”", "paris", 1)]
    [InlineData("well-known", "wellknown", 1)]
    [InlineData("", "", 1)]
    [InlineData("the", "", 1)]
    [InlineData("", "Paris", 0)]
    [InlineData("東京都", "東京", 0.8)]
    public void Texts_HaveTheirF1(string answer, string reference, double f1) => TokenF1.Of(answer, reference).ShouldBe(f1, 1e-12);

    [Fact]
    public async Task BestReference_Counts()
    {
        var score = await Scored.ByAsync("token_f1", "the Eiffel tower", Scored.With("a tower", "Eiffel Tower", "Louvre"));

        score!.Value.ShouldBe(1);
    }
}
