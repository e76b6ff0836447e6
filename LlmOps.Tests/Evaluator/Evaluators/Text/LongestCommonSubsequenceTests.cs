using System.Globalization;
using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class LongestCommonSubsequenceTests
{
    [Fact]
    public void RowsOfRougeScore_HaveTheirPublishedLength()
    {
        // google-research/google-research, rouge/rouge_scorer_test.py, testLcsTable.
        LongestCommonSubsequence.Of(["1", "2", "3", "4", "5"], ["2", "5", "3", "4"]).ShouldBe(3);
        LongestCommonSubsequence.Of(["1", "2", "3", "4", "5"], ["8", "9"]).ShouldBe(0);
    }

    [Fact]
    public void EmptyRows_HaveNone()
    {
        LongestCommonSubsequence.Of([], ["a"]).ShouldBe(0);
        LongestCommonSubsequence.Of(["a"], []).ShouldBe(0);
    }

    [Fact]
    public void RandomRows_HaveTheLengthOfTheTable()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var (one, other) = (Row(random), Row(random));

            LongestCommonSubsequence.Of(one, other).ShouldBe(TableLength(one, other), $"{string.Join(' ', one)} | {string.Join(' ', other)}");
        }
    }

    private static string[] Row(Random random) => [.. Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(1, 2 + random.Next(6)).ToString(CultureInfo.InvariantCulture))];

    private static int TableLength(string[] one, string[] other)
    {
        var table = new int[one.Length + 1, other.Length + 1];
        for (var row = 1; row <= one.Length; row++)
        {
            for (var column = 1; column <= other.Length; column++)
            {
                table[row, column] = one[row - 1] == other[column - 1] ? table[row - 1, column - 1] + 1 : Math.Max(table[row - 1, column], table[row, column - 1]);
            }
        }

        return table[one.Length, other.Length];
    }
}
