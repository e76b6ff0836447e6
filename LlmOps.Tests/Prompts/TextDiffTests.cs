using LlmOps.Gateway.Prompts;

namespace LlmOps.Tests.Prompts;

/// <summary>What lines are shown of two texts.</summary>
public sealed class TextDiffTests
{
    [Theory]
    [InlineData("a", "a", " a")]
    [InlineData("a", "b", "-a +b")]
    [InlineData("a b c", "a c", " a -b  c")]
    [InlineData("a c", "a b c", " a +b  c")]
    [InlineData("a b c", "a x c", " a -b +x  c")]
    [InlineData("a b", "b a", "-a  b +a")]
    [InlineData("a b c d e", "b x d e f", "-a  b -c +x  d  e +f")]
    public void Lines_AreThoseOfBothOfTheEarlierAndOfTheLater(string earlier, string later, string lines) =>
        string.Join(' ', TextDiff.Between(earlier.Replace(' ', '\n'), later.Replace(' ', '\n'))).ShouldBe(lines);

    [Fact]
    public void EmptyText_IsOneEmptyLine() => TextDiff.Between("", "a\n").ShouldBe(["+a", " "]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void RandomTexts_AreBothToBeReadFromTheirLines(int seed)
    {
        var random = new Random(seed);
        string Text() => string.Join('\n', Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(5)));
        var (earlier, later) = (Text(), Text());

        var lines = TextDiff.Between(earlier, later);

        string.Join('\n', lines.Where(line => line[0] is not '+').Select(line => line[1..])).ShouldBe(earlier);
        string.Join('\n', lines.Where(line => line[0] is not '-').Select(line => line[1..])).ShouldBe(later);
    }

    [Fact]
    public void MoreThan2000Lines_AreNotMatched()
    {
        var text = string.Join('\n', Enumerable.Repeat("a", 2_001));

        var lines = TextDiff.Between(text, "a");

        lines.Count.ShouldBe(2_002);
        lines[0].ShouldBe("-a");
        lines[^1].ShouldBe("+a");
    }
}
