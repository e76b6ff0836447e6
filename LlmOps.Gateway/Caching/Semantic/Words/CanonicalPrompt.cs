namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>How a prompt asks.</summary>
internal enum QuestionType
{
    /// <summary>What, which.</summary>
    What,

    /// <summary>Who.</summary>
    Who,

    /// <summary>When.</summary>
    When,

    /// <summary>Where something is or happens.</summary>
    Where,

    /// <summary>Where something is to be had.</summary>
    WhereTo,

    /// <summary>Why.</summary>
    Why,

    /// <summary>How something is or happens.</summary>
    How,

    /// <summary>How something is done.</summary>
    HowTo,

    /// <summary>Yes or no.</summary>
    YesNo,

    /// <summary>It tells what to do.</summary>
    Command,

    /// <summary>It is not known how this asks.</summary>
    Unknown,
}

/// <summary>
/// A prompt brought into one form, so that two prompts of the same form ask the same. What is taken out says nothing in any
/// sentence; what is replaced says the same in all of them; everything else stays, in its order. In languages other than
/// English, and where words themselves are the subject, nothing is taken out but punctuation.
/// </summary>
/// <param name="Type">How it asks.</param>
/// <param name="Tokens">What it says, in order.</param>
/// <param name="Literals">What must be equal to the letter.</param>
/// <param name="End">The sign at its end, ?, ! or ., where nothing else says how it asks; else a space.</param>
internal sealed record CanonicalPrompt(QuestionType Type, IReadOnlyList<PromptToken> Tokens, IReadOnlyList<string> Literals, char End)
{
    /// <summary>The form of a prompt.</summary>
    public static CanonicalPrompt Of(string prompt)
    {
        var (tokens, literals) = PromptScanner.Scan(prompt);
        var isEnglish = English.IsEnglish(tokens);
        var isAboutWords = isEnglish && English.IsAboutWords(tokens);
        if (!isAboutWords)
        {
            Casing.Fold(tokens, isEnglish, English.NamesCode(tokens));
        }

        if (!isEnglish || isAboutWords)
        {
            if (isEnglish)
            {
                English.Greet(tokens);
            }

            while (tokens.Count > 0 && tokens[^1].Kind == PromptTokenKind.Break)
            {
                tokens.RemoveAt(tokens.Count - 1);
            }

            return new CanonicalPrompt(QuestionType.Unknown, tokens, literals, EndOf(prompt));
        }

        var isCode = English.NamesCode(tokens);
        var type = Sentence.Reduce(tokens, isCode);
        var end = EndOf(prompt);
        return new CanonicalPrompt(type, tokens, isCode ? literals : [.. literals.Select(SameQuotes)], end == '!' || type == QuestionType.Unknown || (type == QuestionType.YesNo && end == '?') ? end : ' ');
    }

    private static char EndOf(string prompt) => prompt.TrimEnd() is [.., var last] && last is '?' or '!' or '.' ? last : ' ';

    // Outside of code it is all the same which quotes are taken; a backtick is none.
    private static string SameQuotes(string literal) =>
        literal is ['\'' or '"' or '「', .., '\'' or '"' or '」'] && literal.Length > 3 && !literal.Contains('$', StringComparison.Ordinal) && !literal.Contains('`', StringComparison.Ordinal)
            ? literal[1..^1]
            : literal;
}
