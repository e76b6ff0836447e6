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

    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("12")]
    [InlineData("ignore")]
    [InlineData("instructions1")]
    [InlineData("abcdefghijklm")]
    [InlineData("1234567890123")]
    public void Words_AreTheSameWithoutShortcuts_WhateverFollowsAndWhereverTheyEnd(string word)
    {
        for (var first = 0; first <= 128; first++)
        {
            for (var second = 0; second <= 128; second++)
            {
                // 128 is for what is not ASCII.
                var follows = $"{(first < 128 ? (char)first : 'é')}{(second < 128 ? (char)second : '’')}";
                foreach (var text in (string[])[$"{word}{follows}", $"{word}{follows}b 1 ignore", word + follows[..1]])
                {
                    Scanned(text, takesShortcuts: true).ShouldBe(Scanned(text, takesShortcuts: false), text);
                }
            }
        }
    }

    [Theory]
    [InlineData("ab' c")]
    [InlineData("ab'c d")]
    [InlineData("12! [x]")]
    [InlineData("instructions' x")]
    [InlineData("pa$$word@ x")]
    public void Words_AreTheSameWithoutShortcuts_WhereOneWindowEndsAndAnotherBegins(string part)
    {
        for (var before = AsciiWindow.Size - 20; before <= AsciiWindow.Size + 2; before++)
        {
            var text = new string(' ', before) + part;

            Scanned(text, takesShortcuts: true).ShouldBe(Scanned(text, takesShortcuts: false), $"{before}");
        }
    }

    private static Token[] Scanned(string text, bool takesShortcuts)
    {
        var tokens = new Token[TextScanner.MostTokens(text.Length)];
        List<Range>? encoded = null;
        return tokens[..TextScanner.Scan(RuleSet.Default.Vocabulary, text, tokens, ref encoded, takesShortcuts)];
    }
}
