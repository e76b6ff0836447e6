using System.Globalization;

namespace LlmOps.Gateway.Providers.Offline.Maths;

/// <summary>Calculations told in words: "add 5 and 9", "average of 3, 5 and 10", "half of 90", "20% off 50".</summary>
internal static class SpokenSums
{
    private static readonly Dictionary<string, string> Verbs = new(StringComparer.Ordinal) { ["add"] = "+", ["subtract"] = "-", ["multiply"] = "*", ["divide"] = "/" };
    private static readonly Dictionary<string, string> Nouns = new(StringComparer.Ordinal) { ["sum"] = "+", ["total"] = "+", ["average"] = "+", ["mean"] = "+", ["product"] = "*", ["difference"] = "-" };

    /// <summary>The tokens with every such calculation written with signs.</summary>
    public static List<ArithmeticToken> Written(List<ArithmeticToken> tokens)
    {
        var written = new List<ArithmeticToken>(tokens.Count);
        for (int i = 0; i < tokens.Count;)
        {
            // With an operator after it, what it is applied to is not certain.
            if (Read(tokens, i) is var (made, end) && (end == tokens.Count || tokens[end].Kind is not (ArithmeticKind.Operator or ArithmeticKind.Percent)))
            {
                int last = end - 1;
                int first = i;
                written.AddRange(made.Select(token => token with { Start = tokens[first].Start, End = tokens[last].End }));
                i = end;
            }
            else
            {
                written.Add(tokens[i++]);
            }
        }

        return written;
    }

    private static (List<ArithmeticToken> Made, int End)? Read(List<ArithmeticToken> tokens, int at)
    {
        string word = tokens[at].Text;
        string next = at + 1 < tokens.Count ? tokens[at + 1].Text : "";
        if (word == "half" && next == "of" && IsNumber(tokens, at + 2))
        {
            return ([tokens[at + 2], Sign("/"), Number(2)], at + 3);
        }

        if (IsNumber(tokens, at) && next == "%" && IsNumber(tokens, at + 3) && tokens[at + 2].Text == "off")
        {
            return ([tokens[at + 3], Sign("-"), tokens[at], tokens[at + 1]], at + 4);
        }

        bool listed = Nouns.TryGetValue(word, out string? sign) && next is "of" or "between";
        if (!listed && !Verbs.TryGetValue(word, out sign))
        {
            return null;
        }

        var (numbers, end, joint) = List(tokens, listed ? at + 2 : at + 1);
        bool fits = numbers.Count == 2 || (numbers.Count > 2 && sign is "+" or "*");
        bool joined = listed ? joint is "and" or "," : joint == "and" ? sign is "+" or "*" : joint == (sign switch { "+" => "to", "-" => "from", _ => "by" });
        if (!fits || !joined)
        {
            return null;
        }

        if (joint == "from")
        {
            numbers.Reverse();
        }

        List<ArithmeticToken> made = [.. numbers.SelectMany((number, i) => i == 0 ? [number] : new[] { Sign(sign!), number })];
        return word is "average" or "mean"
            ? ([new(ArithmeticKind.Open, "(", 0, 0), .. made, new(ArithmeticKind.Close, ")", 0, 0), Sign("/"), Number(numbers.Count)], end)
            : (made, end);
    }

    // The numbers, where they end, and the last word between them.
    private static (List<ArithmeticToken> Numbers, int End, string Joint) List(List<ArithmeticToken> tokens, int at)
    {
        var numbers = new List<ArithmeticToken>();
        string joint = "";
        int end = at;
        while (IsNumber(tokens, at))
        {
            numbers.Add(tokens[at++]);
            end = at;
            string before = joint;
            while (at < tokens.Count && tokens[at].Text is "," or "and" or "to" or "from" or "by")
            {
                joint = tokens[at++].Text;
            }

            joint = IsNumber(tokens, at) ? joint : before;
        }

        return (numbers, end, joint);
    }

    private static bool IsNumber(List<ArithmeticToken> tokens, int at) => at < tokens.Count && tokens[at].Kind == ArithmeticKind.Number;

    private static ArithmeticToken Sign(string sign) => new(ArithmeticKind.Operator, sign, 0, 0);

    private static ArithmeticToken Number(int value) => new(ArithmeticKind.Number, value.ToString(CultureInfo.InvariantCulture), 0, 0);
}
