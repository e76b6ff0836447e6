using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class LevenshteinTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("", "", 0)]
    [InlineData("same", "same", 0)]
    [InlineData("flaw", "lawn", 2)]
    public void WellKnownPairs_HaveTheirDistance(string one, string other, int distance) => Levenshtein.Distance([.. one], [.. other]).ShouldBe(distance);

    [Fact]
    public void RandomTexts_HaveTheDistanceOfTheTable()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var (one, other) = (Row(random), Row(random));

            Levenshtein.Distance(one, other).ShouldBe(TableDistance(one, other), $"{string.Join("", one)} {string.Join("", other)}");
        }
    }

    [Fact]
    public async Task Similarity_IsAShareOfTheLongerText()
    {
        (await Scored.ByAsync("levenshtein", "kitten", Scored.With("sitting")))!.Value!.Value.ShouldBe(1 - (3.0 / 7), 1e-12);
        (await Scored.ByAsync("levenshtein", "kitten", Scored.With("dog", "kitten")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("levenshtein", "", Scored.With("")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("levenshtein", "", Scored.With("x")))!.Value.ShouldBe(0);
    }

    [Fact]
    public async Task Case_CountsUnlessItIsIgnored()
    {
        (await Scored.ByAsync("levenshtein", "ÄB", Scored.With("äb")))!.Value.ShouldBe(0);
        (await Scored.ByAsync("levenshtein:ignore_case=true", "ÄB", Scored.With("äb")))!.Value.ShouldBe(1);
    }

    [Fact]
    public async Task SignsBeyondFFFF_AreOneCharacterEach() =>
        (await Scored.ByAsync("levenshtein", "a🙂", Scored.With("a🙃")))!.Value!.Value.ShouldBe(0.5, 1e-12);

    [Fact]
    public async Task TextsThatAreTooLong_AreMissingNotZero()
    {
        var text = new string('x', SymbolRows.Longest + 1);

        var score = await Scored.ByAsync("levenshtein", text, Scored.With("x"));

        score!.Value.ShouldBeNull();
        score.Failure.ShouldBe("The text has 100001 units; expected at most 100000.");
    }

    private static int[] Row(Random random) => [.. Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(1, 2 + random.Next(6)))];

    // Wagner and Fischer, 1974.
    private static int TableDistance(int[] one, int[] other)
    {
        var table = new int[one.Length + 1, other.Length + 1];
        for (var row = 0; row <= one.Length; row++)
        {
            for (var column = 0; column <= other.Length; column++)
            {
                table[row, column] = row == 0 ? column : column == 0 ? row
                    : Math.Min(Math.Min(table[row - 1, column], table[row, column - 1]) + 1, table[row - 1, column - 1] + (one[row - 1] == other[column - 1] ? 0 : 1));
            }
        }

        return table[one.Length, other.Length];
    }
}
