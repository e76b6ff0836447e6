namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>The few changes of order that change no meaning.</summary>
internal static class WordOrder
{
    // Where what belongs to a noun ends.
    private static readonly HashSet<string> Boundaries =
    [
        "a", "an", "the", "is", "are", "am", "was", "were", "do", "does", "did", "be", "been", "has", "have", "had", "can", "could", "will", "would", "should", "shall", "may", "might", "must",
        "what", "who", "how", "when", "where", "why", "HOW-TO", "WHERE-TO", "if", "whether", "that", "and", "or", "but", "not", "than", "to", "'s", "BE", "WAS",
        "in", "on", "at", "for", "with", "using", "from", "during", "under", "over", "between", "about", "by", "of", "into", "without", "before", "after", "as", "like", "near", "per",
        "i", "you", "he", "she", "it", "we", "they", "me", "us", "them",
    ];

    // What belongs to someone or something in one sense only. A king's portrait may be of him, or his.
    private static readonly HashSet<string> Owned =
    [
        "name", "age", "capital", "population", "price", "height", "weight", "size", "length", "depth", "width", "area", "currency", "flag", "language", "religion", "president", "king", "queen",
        "leader", "founder", "author", "inventor", "ceo", "wife", "husband", "birthday", "plot", "theme", "ending", "summary", "formula", "symbol", "color", "colour", "habitat", "diet", "lifespan", "speed",
        "temperature", "weather", "climate", "economy", "gdp", "benefits", "advantages", "disadvantages", "symptoms", "causes", "ingredients", "nutrition", "origin", "purpose", "role", "function",
        "number", "address", "email", "website", "hours", "port", "mother", "father", "parents", "director", "anthem", ];

    // The same, with the word behind them.
    private static readonly HashSet<string> OwnedKinds =
        ["largest", "biggest", "main", "national", "official", "longest", "highest", "boiling", "melting", "market", "net", "return", "atomic", "phone", "opening", "default", "side"];


    private static readonly HashSet<string> Fronted = ["if", "when"];

    private static readonly HashSet<string> Telling =
        ["say", "says", "said", "predict", "predicted", "think", "thinks", "thought", "believe", "believed", "expect", "expected", "claim", "claimed", "promise", "promised", "announce", "announced", "tell", "told", "would", "that", "whether", "about", "to", "who", "which", "how"];

    private static readonly HashSet<string> Symmetric = ["difference", "similarity", "distance", "compare"];

    // Where the order of two may say something.
    private static readonly HashSet<string> Ordered =
        ["order", "quotient", "product", "ratio", "composition", "concatenation", "concatenate", "index", "sort", "respectively", "then", "first", "second", "subtract", "divide", "minus"];

    private static readonly HashSet<string> BeforePairs = ["both", "with", "mix", "take", "eat"];

    /// <summary>Moves a language or system that stands before the question behind it, and writes possession with "of".</summary>
    public static void Arrange(List<PromptToken> tokens)
    {
        MoveFronted(tokens);

        // Of two, one may own the other.
        if (tokens.Count(token => token.Is("'s")) == 1)
        {
            var mark = tokens.FindIndex(token => token.Is("'s"));
            if (mark > 0 && mark + 1 < tokens.Count && (Owned.Contains(tokens[mark + 1].Text) || (OwnedKinds.Contains(tokens[mark + 1].Text) && mark + 2 < tokens.Count && !IsBoundary(tokens[mark + 2]))))
            {
                Possess(tokens, mark);
            }
        }
    }

    /// <summary>Puts what stands on both sides of "and" or "or" into one order, where it is all the same.</summary>
    public static void SortPairs(List<PromptToken> tokens, QuestionType type)
    {
        if (tokens.Exists(token => Ordered.Contains(token.Text)))
        {
            return;
        }

        SortBetween(tokens);

        // Of single words alone: neither may belong to a word before or behind the pair, as in "old men and women" or "milk and chocolate chips".
        var and = tokens.FindIndex(token => token.Is("and") || token.Is("or"));
        if (and > 1 && and < tokens.Count - 1 && IsNoun(tokens[and - 1]) && IsNoun(tokens[and + 1]) && (BeforePairs.Contains(tokens[and - 2].Text) || (type == QuestionType.YesNo && and == 2) || (tokens[and].Is("or") && tokens[and - 2].Text == ","))
            && (and == tokens.Count - 2 || tokens[and + 2].Is("together") || tokens[and + 2].Text.EndsWith("+ed", StringComparison.Ordinal))
            && string.CompareOrdinal(tokens[and - 1].Text, tokens[and + 1].Text) > 0)
        {
            (tokens[and - 1], tokens[and + 1]) = (tokens[and + 1], tokens[and - 1]);
        }
    }

    /// <summary>Whether a token ends what belongs to a noun.</summary>
    public static bool IsBoundary(PromptToken token) =>
        token.Kind is PromptTokenKind.Break or PromptTokenKind.Symbol || (token.Kind == PromptTokenKind.Word && Boundaries.Contains(token.Text));

    private static bool IsNoun(PromptToken token) =>
        token.Kind == PromptTokenKind.Word && !Boundaries.Contains(token.Text) && !Lexicon.BaseVerbs.Contains(token.Text) && !token.Text.EndsWith("+ed", StringComparison.Ordinal);

    private static void SortBetween(List<PromptToken> tokens)
    {
        var between = tokens.FindIndex(token => token.Is("between"));
        if (between < 1 || between > 2 || !Symmetric.Contains(tokens[between - 1].Text) || (between == 2 && !tokens[0].Is("BE")))
        {
            return;
        }

        // Up to the end, or to the language in which they differ.
        var and = tokens.FindIndex(between, token => token.Is("and"));
        var end = tokens.Count > 2 && tokens[^2].Is("in") && Lexicon.Languages.Contains(tokens[^1].Text) ? tokens.Count - 2 : tokens.Count;
        if (and < 0 || and >= end)
        {
            return;
        }

        // As many words on both sides, or one of them may belong to both: "milk and dark chocolate".
        var (first, second) = (tokens.GetRange(between + 1, and - between - 1), tokens.GetRange(and + 1, end - and - 1));
        if (first.Count != second.Count || first.Concat(second).Any(token => token.Kind != PromptTokenKind.Word || (IsBoundary(token) && !token.Is("a") && !token.Is("the")))
            || string.CompareOrdinal(string.Join(' ', first), string.Join(' ', second)) <= 0)
        {
            return;
        }

        var middle = tokens[and];
        tokens.RemoveRange(between + 1, end - between - 1);
        tokens.InsertRange(between + 1, [.. second, middle, .. first]);
    }

    // "In Python, how do I …", with or without the comma; and whatever else stands before a comma and a question, unless
    // somebody says something: what experts said in 2020 need not be of 2020.
    private static void MoveFronted(List<PromptToken> tokens)
    {
        if (tokens.Count > 3 && (tokens[0].Is("in") || tokens[0].Is("on")) && IsLanguage(tokens[1]) && !tokens.Skip(2).Any(IsLanguage) && !tokens.Skip(4).Any(token => Telling.Contains(token.Text)) && (Asks(tokens[2]) || (tokens[2].Is(",") && tokens.Count > 4)))
        {
            if (tokens[2].Is(","))
            {
                tokens.RemoveAt(2);
            }

            MoveToEnd(tokens, 2);
            return;
        }

        var comma = tokens.FindIndex(token => token.Kind == PromptTokenKind.Break);
        if (comma > 1 && comma < tokens.Count - 2 && Fronted.Contains(tokens[0].Text) && tokens[comma].Is(",") && (Asks(tokens[comma + 1]) || Lexicon.BaseVerbs.Contains(tokens[comma + 1].Text))
            && tokens.FindIndex(comma + 2, token => token.Is(",") || Telling.Contains(token.Text)) < 0)
        {
            tokens.RemoveAt(comma);
            MoveToEnd(tokens, comma);
        }
    }

    private static bool Asks(PromptToken token) =>
        token.Kind == PromptTokenKind.Word && token.Text is "what" or "how" or "HOW-TO" or "WHERE-TO" or "why" or "where" or "who" or "when" or "do" or "does" or "is" or "are" or "can" or "should" or "will" or "may" or "must";

    private static void MoveToEnd(List<PromptToken> tokens, int length)
    {
        var moved = tokens.GetRange(0, length);
        tokens.RemoveRange(0, length);
        tokens.InsertRange(tokens[^1].Is(".") ? tokens.Count - 1 : tokens.Count, moved);
    }

    private static bool IsLanguage(PromptToken token) => token.Kind == PromptTokenKind.Word && (Lexicon.Languages.Contains(token.Text) || Lexicon.Systems.Contains(token.Text));

    // "my dog's name" is "name of my dog".
    private static void Possess(List<PromptToken> tokens, int mark)
    {
        var start = mark - 1;
        while (start > 0 && !IsBoundary(tokens[start - 1]) && !Lexicon.BaseVerbs.Contains(tokens[start - 1].Text))
        {
            start--;
        }

        // "the king's name": the name of the king.
        var hasArticle = start > 0 && (tokens[start - 1].Is("the") || tokens[start - 1].Is("a"));
        start -= hasArticle ? 1 : 0;
        var end = mark + (OwnedKinds.Contains(tokens[mark + 1].Text) ? 3 : 2);
        var owner = tokens.GetRange(start, mark - start);
        var owned = tokens.GetRange(mark + 1, end - mark - 1);
        tokens.RemoveRange(start, end - start);
        tokens.InsertRange(start, [new("the", PromptTokenKind.Word), .. owned, new("of", PromptTokenKind.Word), .. owner]);
    }
}
