using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Maths;

/// <summary>The skill that calculates: finds the one expression of a short message and works it out exactly.</summary>
internal static partial class Arithmetic
{
    /// <summary>Longest message that is searched, in UTF-16 units.</summary>
    private const int MaxMessage = 1_000;

    /// <summary>Longest expression, in tokens.</summary>
    private const int MaxTokens = 200;

    private static readonly HashSet<string> Triggers = ["what's", "whats", "calculate", "compute", "evaluate", "solve", "much", "berechne", "calcule", "calcola", "cuánto"];

    // These ask only after a question word: "what is", but not "the total is"; "work out", but not "out".
    private static readonly HashSet<string> WeakTriggers = ["is", "does", "out", "ist", "es"];
    private static readonly HashSet<string> QuestionWords = ["what", "much", "work", "was", "wieviel", "wie", "viel", "cuánto"];

    private static readonly HashSet<string> Fillers = ["the", "of", "result", "value", "answer", "sum", "to", "please", "expression", "this", "for", "me", "a"];
    private static readonly HashSet<string> Polite = ["please", "can", "could", "you", "now", "then", ","];

    // Numbers that are not read: with one of them left over, the calculation is not all that is meant.
    private static readonly HashSet<string> Unread = ["dozen", "dozens", "hundreds", "thousands", "millions", "trillion", "half", "third", "thirds", "quarter", "quarters", "double", "twice", "triple"];

    /// <summary>"2 + 2 = 4"; only the number if the message asks for only it; null if the message asks for no calculation.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        if (Find(prompt.User) is not { } calculation || SummaryRequest.IsAsked(prompt.User))
        {
            return null;
        }

        if (calculation.Fault is { } fault)
        {
            return $"{calculation.Expression} cannot be calculated: {fault}.";
        }

        // The digits of an irrational root are noise beyond the tenth.
        var (text, exact) = calculation.Exact ? calculation.Value.ToText() : calculation.Value.ToText(10);
        bool bare = WantsOnlyNumber(prompt.User) || WantsOnlyNumber(prompt.System);
        return bare ? text : $"{calculation.Expression} {(exact && calculation.Exact ? "=" : "≈")} {text}";
    }

    /// <summary>The calculation a message asks for; null if it asks for none.</summary>
    public static Calculation? Find(string message)
    {
        if (message.Length is 0 or > MaxMessage || message.Where(ArithmeticLexer.IsCurrency).Distinct().Count() > 1)
        {
            return null;
        }

        var tokens = SpokenSums.Written(ArithmeticLexer.Read(message));
        for (int start = 0; start < tokens.Count; start++)
        {
            int end = End(tokens, start);
            if (end - start < 2 || end - start > MaxTokens)
            {
                start = Math.Max(start, end - 1);
                continue;
            }

            var run = tokens.GetRange(start, end - start);
            if (Asked(tokens, start, end, message) && ArithmeticParser.Calculate(run) is { } calculation && Calculates(run))
            {
                // Of a message with further numbers this would be half an answer.
                return tokens[..start].Concat(tokens[end..]).Any(token => IsNumberLike(token, message)) ? null : calculation;
            }

            start = end - 1;
        }

        return null;
    }

    // "one", as in "in one sentence", is rather a word.
    private static bool IsNumberLike(ArithmeticToken token, string message) =>
        Unread.Contains(token.Text) || (token.Kind == ArithmeticKind.Number && token.Text != "1") || message[token.Start..token.End].Any(char.IsNumber);

    // Where the longest run of arithmetic that starts here ends.
    private static int End(List<ArithmeticToken> tokens, int start)
    {
        int end = start;
        while (end < tokens.Count && (tokens[end].Kind < ArithmeticKind.Word || IsShare(tokens, end)))
        {
            end++;
        }

        // "… 2 + 2 -" ends before the dash.
        while (end > start && tokens[end - 1].Kind is ArithmeticKind.Operator && tokens[end - 1].Text is "-" or "*" or "/")
        {
            end--;
        }

        return end;

        static bool IsShare(List<ArithmeticToken> tokens, int at) => tokens[at].Text == "of" && at > 0 && tokens[at - 1].Kind == ArithmeticKind.Percent;
    }

    // A lone "-5" or "15%" is a number, not a question.
    private static bool Calculates(List<ArithmeticToken> run) =>
        run.Any(token => token.Kind == ArithmeticKind.Root)
        || run.Count(token => token.Kind == ArithmeticKind.Number) > 1
        || run.Any(token => token.Text is "²" or "³");

    // All of the message, or after "what is", "calculate" and the like.
    private static bool Asked(List<ArithmeticToken> tokens, int start, int end, string message)
    {
        bool ends = tokens.Skip(end).All(token => token.Text is "=" or "?" or "." or "," or "equals" or "please");
        bool whole = ends && tokens[..start].TrueForAll(token => Polite.Contains(token.Text));
        if (whole)
        {
            // "555-1234", bare and without spaces, is rather a number of another kind.
            bool code = start == 0 && end == 3 && tokens[1].Text == "-" && tokens[0].End == tokens[1].Start && tokens[1].End == tokens[2].Start && tokens[2].Text.Length > 2;
            return !code || end < tokens.Count;
        }

        // "Reply with only the number: 8 * 8".
        if (ends && tokens[start - 1].Text is ":" or "." && WantsOnlyNumber(message))
        {
            return true;
        }

        int before = start - 1;
        while (before >= 0 && (Fillers.Contains(tokens[before].Text) || tokens[before].Text is ":" or "\"" or "`" or "'" or "?" or "$"))
        {
            before--;
        }

        return before >= 0 && IsTrigger(tokens, before) && !message.AsSpan(tokens[before].Start, tokens[start].Start - tokens[before].Start).Contains('\n');
    }

    private static bool IsTrigger(List<ArithmeticToken> tokens, int at) =>
        Triggers.Contains(tokens[at].Text) || (WeakTriggers.Contains(tokens[at].Text) && at > 0 && QuestionWords.Contains(tokens[at - 1].Text));

    private static bool WantsOnlyNumber(string text) => text.Length <= 4_000 && OnlyNumber().IsMatch(text);

    [GeneratedRegex(@"\b(only|just)( reply| answer| respond| return| give| output)?( with)?( the| a)?( final| numeric| resulting)? (number|result|answer|value)\b|\bnumber only\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OnlyNumber();
}
