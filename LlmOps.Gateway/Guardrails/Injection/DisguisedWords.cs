namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>Finds words that are written in other ways: with lookalike letters, with digits and signs for letters, misspelt.</summary>
internal static class DisguisedWords
{
    /// <summary>The number of the word that is meant; <see cref="Token.Unknown"/> where none is. May overwrite the word.</summary>
    public static ushort Find(Vocabulary vocabulary, Span<char> word, bool hasDigit, bool hasLatin, bool hasLookalike)
    {
        if (hasLookalike)
        {
            for (var at = 0; at < word.Length; at++)
            {
                if (Folding.Lookalike(word[at]) is not '\0' and var latin)
                {
                    word[at] = latin;
                }
                else if (!hasLatin && Folding.MayLookLatin(word[at]))
                {
                    return Token.Unknown;
                }
            }

            if (vocabulary.Find(word) is not Token.Unknown and var found)
            {
                return found;
            }
        }

        if (!hasDigit)
        {
            return word.Length >= 6 ? vocabulary.Typos.Find(word) : Token.Unknown;
        }

        if (!word.ContainsAnyInRange('a', 'z'))
        {
            return hasLatin || hasLookalike ? Token.Unknown : vocabulary.AnyNumber;
        }

        var leet = FindLeet(vocabulary, word, 'i');
        leet = leet == Token.Unknown ? FindLeet(vocabulary, word, 'l') : leet;
        return leet == Token.Unknown && word.Contains('@') ? vocabulary.Find("@") : leet;
    }

    private static ushort FindLeet(Vocabulary vocabulary, ReadOnlySpan<char> word, char one)
    {
        Span<char> letters = stackalloc char[Vocabulary.LongestWord];
        for (var at = 0; at < word.Length; at++)
        {
            letters[at] = word[at] switch
            {
                '0' => 'o', '1' or '!' => one, '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', '8' => 'b', '9' => 'g', var other => other,
            };
        }

        return vocabulary.Find(letters[..word.Length]);
    }
}
