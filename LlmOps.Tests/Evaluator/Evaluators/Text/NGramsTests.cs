using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class NGramsTests
{
    [Theory]
    [InlineData("a b c", "a b c", 3, 2, 1)]
    [InlineData("a a a", "a a", 2, 1, 0)] // Clipped.
    [InlineData("a a", "a a a", 2, 1, 0)]
    [InlineData("x a b x", "a b", 2, 1, 0)] // Nobody's, before and after.
    [InlineData("a x b", "a b", 2, 0, 0)]
    [InlineData("a b", "b a", 2, 0, 0)]
    [InlineData("a", "a b c", 1, 0, 0)] // Shorter than the longest.
    [InlineData("", "a", 0, 0, 0)]
    [InlineData("a", "", 0, 0, 0)]
    [InlineData("a a b b", "a b|a a|b", 3, 2, 0)] // "b" is twice in none, "a" is in one.
    [InlineData("a b c d", "a b|c d|b c", 4, 3, 0)]
    public void InCommon_IsTheLowerCountOfEach(string answer, string references, int ofOne, int ofTwo, int ofThree) =>
        NGrams.InCommon(Tokens.BySpace(answer), [.. references.Split('|').Select(Tokens.BySpace)], 3).ShouldBe([ofOne, ofTwo, ofThree]);

    [Fact]
    public void InCommon_IsThatOfCountedTexts_WhateverTheyAre()
    {
        var random = new Random(1);
        string[] Row() => [.. Enumerable.Range(0, random.Next(12)).Select(_ => $"{(char)('a' + random.Next(3))}")];
        for (var turn = 0; turn < 2_000; turn++)
        {
            var answer = Row();
            string[][] references = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Row())];

            NGrams.InCommon(answer, references, 4).ShouldBe([.. Enumerable.Range(1, 4).Select(length => Counts(answer, length).Sum(gram =>
                Math.Min(gram.Value, references.Select(reference => Counts(reference, length).GetValueOrDefault(gram.Key)).DefaultIfEmpty().Max())))]);
        }
    }

    private static Dictionary<string, int> Counts(string[] row, int length) =>
        Enumerable.Range(0, NGrams.Count(row.Length, length)).Select(start => string.Concat(row.Skip(start).Take(length))).CountBy(gram => gram).ToDictionary();
}
