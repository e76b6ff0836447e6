using System.Globalization;
using LlmOps.Gateway.Providers.Offline.Maths;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>A number of a text and what is next to it.</summary>
/// <param name="Value">The number.</param>
/// <param name="Before">The word before it in lower case, with nothing but signs between; empty if there is none.</param>
/// <param name="After">The word after it likewise.</param>
/// <param name="IsMoney">Whether a currency is next to it.</param>
internal sealed record NumberMention(decimal Value, string Before, string After, bool IsMoney)
{
    private static readonly HashSet<string> Currencies = ["euro", "euros", "eur", "dollar", "dollars", "usd", "pound", "pounds", "gbp", "chf", "yen", "jpy", "francs"];

    /// <summary>The numbers of a text in order; a minus sign counts where a number could not be subtracted.</summary>
    public static List<NumberMention> Of(string text)
    {
        var tokens = ArithmeticLexer.Read(text);
        var numbers = new List<NumberMention>();
        for (int i = 0; i < tokens.Count; i++)
        {
            bool negative = i > 0 && tokens[i - 1].Text == "-" && tokens[i - 1].End == tokens[i].Start && (i == 1 || tokens[i - 2].End < tokens[i - 1].Start);

            // "one of the best" names no number.
            bool article = tokens[i].Text == "1" && char.IsLetter(text[tokens[i].Start]);
            if (tokens[i].Kind == ArithmeticKind.Number && !article && decimal.TryParse(tokens[i].Text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number))
            {
                string before = Word(tokens, i - 1, -1);
                string after = Word(tokens, i + 1, 1);
                bool signed = (tokens[i].Start > 0 && ArithmeticLexer.IsCurrency(text[tokens[i].Start - 1]))
                    || text.AsSpan(tokens[i].End).TrimStart() is { Length: > 0 } rest && ArithmeticLexer.IsCurrency(rest[0]);
                numbers.Add(new NumberMention(negative ? -number : number, before, after, signed || Currencies.Contains(before) || Currencies.Contains(after)));
            }
        }

        return numbers;
    }

    // "customer #4711", "order id: 5", "limit is 3".
    private static string Word(List<ArithmeticToken> tokens, int at, int step)
    {
        int last = at + (2 * step);
        while (at >= 0 && at < tokens.Count && at != last && tokens[at].Text is "#" or ":" or "=" or "is" or "id" or "number" or "no")
        {
            at += step;
        }

        return at >= 0 && at < tokens.Count && tokens[at].Kind == ArithmeticKind.Word ? tokens[at].Text : "";
    }
}
