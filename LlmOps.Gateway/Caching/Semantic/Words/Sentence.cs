namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>Brings an English sentence into its form: how it asks, and the words that say what.</summary>
internal static class Sentence
{
    // Stand for is, are, and "am" behind "i"; for was and were. That a thing is, and that it does, are two things.
    private const string Be = "BE";
    private const string Are = "ARE";
    private const string Was = "WAS";
    private const string Were = "WERE";

    private static readonly HashSet<string> YesNo =
        [Be, Are, Was, Were, "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "should", "shall", "may", "might", "must"];

    // "What are the advantages" asks what "what is the advantage" asks.
    private static readonly Dictionary<string, string> Plurals = new()
    {
        ["differences"] = "difference", ["advantages"] = "advantage", ["disadvantages"] = "disadvantage", ["benefits"] = "benefit", ["drawbacks"] = "drawback",
        ["similarities"] = "similarity", ["requirements"] = "requirement", ["ingredients"] = "ingredient",
    };

    private static readonly HashSet<string> Superlatives =
        ["best", "worst", "biggest", "smallest", "highest", "lowest", "longest", "shortest", "fastest", "slowest", "oldest", "youngest", "cheapest", "largest", "easiest", "quickest", "tallest", "deepest"];

    private static readonly HashSet<string> Beginning =
        ["and", "or", "but", "so", "when", "if", "then", "what", "how", "why", "where", "who", "HOW-TO", "WHERE-TO", "is", "are", "do", "does", "can", "should", "in", "for", "with", "without", "on", "at", "after", "before", "using"];

    private static readonly HashSet<string> Particular = ["this", "that", "these", "those", "your", "their", "yourself", "myself", "themselves", "more", "again", "further", "everything", "something", "step", "steps", "concept", "term", "result"];

    private static readonly HashSet<string> WithArticle = ["usa", "uk", "netherlands", "philippines", "united_arab_emirates", "european_union", "internet", "web"];

    /// <summary>Whether a word begins a question that is answered with yes or no.</summary>
    public static bool BeginsYesNo(string word) => YesNo.Contains(word);

    /// <summary>Brings the words into their form, and takes out what says nothing; returns how the prompt asks.</summary>
    public static QuestionType Reduce(List<PromptToken> tokens, bool isCode)
    {
        Contractions.Expand(tokens);
        if (tokens.Count > 2 && tokens[0].Text is "no" or "yes" && tokens[1].Is(","))
        {
            // "No, more of it" is not "no more of it".
            tokens[1] = new(",", PromptTokenKind.Symbol);
        }

        foreach (var rule in Lexicon.Rewrites)
        {
            rule.Apply(tokens);
        }

        WordOrder.Arrange(tokens);
        DropBreaks(tokens);
        NameBe(tokens);
        var type = TypeOf(tokens);
        DropArticles(tokens);
        Shape(tokens, type, synonyms: !isCode || !tokens.Exists(token => token.Text is "tag" or "property" or "attribute" or "method" or "keyword" or "css" or "function" or "variable" or "command"));
        WordOrder.SortPairs(tokens, type);
        return type;
    }

    // "Don't. Stop!", "let's eat, grandma": a stop within is kept, and a comma, but before words that begin a part of the sentence with or without one.
    private static void DropBreaks(List<PromptToken> tokens)
    {
        for (var index = tokens.Count - 1; index >= 0; index--)
        {
            if (tokens[index].Kind == PromptTokenKind.Break)
            {
                if (index > 0 && index + 1 < tokens.Count && (tokens[index].Is(".") || !Beginning.Contains(tokens[index + 1].Text)))
                {
                    tokens[index] = new(tokens[index].Text, PromptTokenKind.Symbol);
                }
                else
                {
                    tokens.RemoveAt(index);
                }
            }
        }
    }

    // "What the capital of France is" asks what "what is the capital of France" asks.
    private static void NameBe(List<PromptToken> tokens)
    {
        for (var index = 0; index < tokens.Count; index++)
        {
            var token = tokens[index];
            var isAm = token.Is("am") && ((index > 0 && tokens[index - 1].Is("i")) || (index + 1 < tokens.Count && tokens[index + 1].Is("i")));
            if (isAm || token.Is("is") || token.Is("are") || token.Is("was") || token.Is("were"))
            {
                tokens[index] = token with { Text = isAm ? Be : token.Text switch { "is" => Be, "are" => Are, "was" => Was, _ => Were } };
            }
        }

        if (tokens.Count > 2 && IsAsking(tokens[0]) && IsBe(tokens[^1]) && tokens.Count(IsBe) == 1)
        {
            var be = tokens[^1];
            tokens.RemoveAt(tokens.Count - 1);
            tokens.Insert(1, be);
        }
        else if (tokens.Count > 3 && tokens[0].Text is "why" or "where" or "how" && tokens[1].Text is "the" or "a" or "this" or "my" or "it" or "they" or "he" or "she" or "we" or "i" && tokens.FindIndex(IsBe) is > 1 and var at
            && tokens.Count(token => YesNo.Contains(token.Text)) == 1 && !tokens.Exists(token => token.Text is "who" or "that" or "which"))
        {
            // "Why the sky is blue": "why is the sky blue".
            var be = tokens[at];
            tokens.RemoveAt(at);
            tokens.Insert(1, be);
        }
    }

    private static bool IsBe(PromptToken token) => token.Text is Be or Are or Was or Were;

    private static bool IsAsking(PromptToken token) => token.Is("what") || token.Is("where") || token.Is("who") || token.Is("how") || token.Is("when") || token.Is("why");

    private static QuestionType TypeOf(List<PromptToken> tokens)
    {
        var first = tokens.Count > 0 && tokens[0].Kind == PromptTokenKind.Word ? tokens[0].Text : "";
        QuestionType? type = first switch
        {
            "what" => QuestionType.What,
            "who" => QuestionType.Who,
            "when" => QuestionType.When,
            "where" => QuestionType.Where,
            "WHERE-TO" => QuestionType.WhereTo,
            "why" => QuestionType.Why,
            "how" => QuestionType.How,
            "HOW-TO" => QuestionType.HowTo,
            "WHICH" => QuestionType.What,
            _ => null,
        };
        if (type is { } asked)
        {
            if (first == "WHICH")
            {
                // "Which is the cathode" is asked of two.
                return asked;
            }

            tokens.RemoveAt(0);
            if (tokens.Count > 4 && tokens[0].Is(Be) && tokens[1].Is("the") && tokens[2].Is("definition") && tokens[3].Is("of") && IsBareName(tokens, 4))
            {
                // To define a thing is to say what it is, where nothing is said of the thing.
                tokens.RemoveRange(1, 3);
            }

            if (tokens.Count > 1 && (tokens[0].Is("do") || tokens[0].Is("does")) && asked is not (QuestionType.What or QuestionType.Who))
            {
                // "How it works"; but what animals hunt is not which animals hunt.
                tokens.RemoveAt(0);
            }

            return asked;
        }

        if (YesNo.Contains(first))
        {
            if (first is "do" or "does")
            {
                tokens.RemoveAt(0);
            }

            return QuestionType.YesNo;
        }

        if (first == "explain" && IsBareName(tokens, 1))
        {
            tokens[0] = new(Be, PromptTokenKind.Word);
            return QuestionType.What;
        }

        if (Lexicon.BaseVerbs.Contains(Lexicon.Synonyms.GetValueOrDefault(first, first)))
        {
            return QuestionType.Command;
        }

        // A phrase asks what it is, unless it is a sentence.
        if (!tokens.Exists(token => YesNo.Contains(token.Text) || token.Is("i") || token.Is("you")))
        {
            if (tokens.Count > 1 && tokens[0].Is("the") && tokens.Exists(token => token.Is("of")))
            {
                tokens.RemoveAt(0);
            }

            tokens.Insert(0, new(Be, PromptTokenKind.Word));
            return QuestionType.What;
        }

        return QuestionType.Unknown;
    }

    // One or two words, and none of them about someone or something in particular: "entropy", "dependency injection".
    private static bool IsBareName(List<PromptToken> tokens, int start) =>
        tokens.Count - start is 1 or 2 && tokens.Skip(start).All(token => token.Kind == PromptTokenKind.Word && !char.IsUpper(token.Text[0]) && token.Text.Length > 3
            && !WordOrder.IsBoundary(token) && !Lexicon.Verbs.ContainsKey(token.Text) && !Particular.Contains(token.Text));

    // Amazon is not the Amazon, nor is the time time, nor a turkey Turkey. But where it is said of what, or which of all it is, "the" says no more.
    private static void DropArticles(List<PromptToken> tokens)
    {
        for (var index = tokens.Count - 2; index >= 0; index--)
        {
            if (tokens[index].Is("an"))
            {
                tokens[index] = tokens[index] with { Text = "a" };
            }

            if (tokens[index].Is("the") && !char.IsUpper(tokens[index + 1].Text[0])
                && (IsSaidOfWhat(tokens, index + 1) || Superlatives.Contains(tokens[index + 1].Text) || WithArticle.Contains(tokens[index + 1].Text)))
            {
                tokens.RemoveAt(index);
            }
        }
    }

    private static bool IsSaidOfWhat(List<PromptToken> tokens, int start)
    {
        for (var index = start; index < Math.Min(tokens.Count, start + 4); index++)
        {
            if (tokens[index].Is("of"))
            {
                return index > start;
            }

            if (tokens[index].Kind != PromptTokenKind.Word || WordOrder.IsBoundary(tokens[index]))
            {
                return tokens[index].Is("between") && index > start;
            }
        }

        return false;
    }

    private static void Shape(List<PromptToken> tokens, QuestionType type, bool synonyms)
    {
        // Who asks whether one is the other does not take them for the same.
        synonyms &= !tokens.GroupBy(token => Lexicon.Synonyms.GetValueOrDefault(token.Text, token.Text)).Any(group => group.Select(token => token.Text).Distinct().Count() > 1);
        for (var index = 0; index < tokens.Count; index++)
        {
            var token = tokens[index];
            if (token.Kind != PromptTokenKind.Word)
            {
                continue;
            }

            var word = synonyms && !(token.Is("purchase") && index > 0 && tokens[index - 1].Text is "a" or "the" or "my" or "your") ? Lexicon.Synonyms.GetValueOrDefault(token.Text, token.Text) : token.Text;
            if (type == QuestionType.What && index == 1 && tokens[0].Text is Be or Are && Plurals.TryGetValue(word, out var one))
            {
                // "What are the advantages of" asks no more than "what is the advantage of".
                word = one;
                tokens[0] = tokens[0] with { Text = Be };
            }

            if (Lexicon.Verbs.TryGetValue(word, out var verb) && (!word.EndsWith("ing", StringComparison.Ordinal) || (type == QuestionType.HowTo && (index == 0 || (index == 1 && Superlatives.Contains(tokens[0].Text))))))
            {
                word = verb;
            }

            tokens[index] = token with { Text = word };
        }

        // "how it works": "how does it work".
        if (type is QuestionType.How or QuestionType.Why && tokens.Count > 1 && tokens[^1] is { Kind: PromptTokenKind.Word, Text: [.. var last, 's'] } && Lexicon.BaseVerbs.Contains(last)
            && !tokens.Exists(token => YesNo.Contains(token.Text)))
        {
            tokens[^1] = tokens[^1] with { Text = last };
        }
    }
}
