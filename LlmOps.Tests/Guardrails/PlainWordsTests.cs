using LlmOps.Gateway.Guardrails.Injection;

namespace LlmOps.Tests.Guardrails;

/// <summary>Words that are not looked at closely, and what is taken for granted between them.</summary>
public sealed class PlainWordsTests
{
    [Fact]
    public void Words_HaveTheirNumbers_WhoeverMetThemFirstAndHoweverOftenAllAreForgotten()
    {
        var vocabulary = RuleSet.Default.Vocabulary;
        var words = new PlainWords(vocabulary, mostMissed: 100);
        string[] known = ["ignore", "instructions", "prompt", "reveal", "password", "previous", "pretend", "system"];

        Parallel.For(0, 100_000, number =>
        {
            var random = new Random(number);
            var word = random.Next(4) == 0 ? known[random.Next(known.Length)] : string.Concat(Enumerable.Range(0, random.Next(2, PlainWords.Longest + 1)).Select(_ => (char)random.Next('a', 'z' + 1)));
            var expected = vocabulary.Find(word) is not Token.Unknown and var found ? found : vocabulary.Typos.Find(word);

            words.Find([.. word.PadRight(16).Select(c => (byte)c)], 0, word.Length).ShouldBe(expected, word);
        });
    }

    [Fact]
    public void WhatPartsWords_MeansNothingElse()
    {
        var window = new AsciiWindow(new byte[AsciiWindow.BufferSize]);
        for (var c = '\0'; c < 128; c++)
        {
            window.Move($"a{c}b", 0);
            var isItem = (window.Items(0) & 2) != 0;

            (isItem || char.IsAsciiLetterOrDigit(c) || (Folding.Kinds[c] == CharacterKind.Separator && PlainWords.EndsBefore((byte)c))).ShouldBeTrue($"{(int)c}");
        }
    }
}
