using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class TokensTests
{
    // By the rules of mteval-v13a.pl, one by one.
    [Theory]
    [InlineData("The dog bit the man.", "The dog bit the man .")]
    [InlineData("It costs 1,234.50 $, or 3-4 €.", "It costs 1,234.50 $ , or 3 - 4 € .")]
    [InlineData("well-known (\"x\") & y/z", "well-known ( \" x \" ) & y / z")]
    [InlineData("a &lt;b&gt; &amp; &quot;c&quot; <skipped>d", "a < b > & \" c \" d")]
    [InlineData("cut-\noff\nline", "cutoff line")]
    [InlineData("🙂, 🙃.", "🙂 , 🙃 .")]
    [InlineData("  ", "")]
    public void Text_IsTakenApartAsByMteval(string text, string tokens) => string.Join(' ', Tokens.Of13A(text)).ShouldBe(tokens);

    [Theory]
    [InlineData("Two words – and a dash.", 5)]
    [InlineData("it's well-known", 2)]
    [InlineData("私は猫", 3)]
    [InlineData("漢字 and 3 more", 5)]
    [InlineData("हिन्दी में", 2)]
    [InlineData("", 0)]
    public void Words_AreCountedAsPeopleDo(string text, int words) => Tokens.OfSpace(text).Count.ShouldBe(words);
}
