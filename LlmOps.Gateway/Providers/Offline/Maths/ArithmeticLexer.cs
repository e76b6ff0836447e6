using System.Globalization;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Maths;

/// <summary>What a token of a sentence is to arithmetic.</summary>
internal enum ArithmeticKind
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>One of + - * / ^ and m (modulo).</summary>
    Operator,

    /// <summary>An opening bracket.</summary>
    Open,

    /// <summary>A closing bracket.</summary>
    Close,

    /// <summary>"%" or "percent", after its number.</summary>
    Percent,

    /// <summary>"square root of", before its operand.</summary>
    Root,

    /// <summary>Any other word, in lower case.</summary>
    Word,

    /// <summary>Anything else; ends an expression.</summary>
    Other,
}

/// <summary>A token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The operator's sign, the number's digits without grouping, the word.</param>
/// <param name="Start">Where it starts in the text.</param>
/// <param name="End">Where it ends in the text.</param>
internal readonly record struct ArithmeticToken(ArithmeticKind Kind, string Text, int Start, int End);

/// <summary>Takes sentences apart into numbers, operators and words. Dates, versions and addresses are no numbers.</summary>
internal static class ArithmeticLexer
{
    /// <summary>Longest number, in digits.</summary>
    private const int MaxDigits = 200;

    private static readonly (string Phrase, ArithmeticKind Kind, string Text)[] Phrases =
    [
        ("to the power of", ArithmeticKind.Operator, "^"), ("raised to the power of", ArithmeticKind.Operator, "^"), ("raised to", ArithmeticKind.Operator, "^"),
        ("divided by", ArithmeticKind.Operator, "/"), ("multiplied by", ArithmeticKind.Operator, "*"), ("times", ArithmeticKind.Operator, "*"),
        ("plus", ArithmeticKind.Operator, "+"), ("minus", ArithmeticKind.Operator, "-"), ("modulo", ArithmeticKind.Operator, "m"), ("mod", ArithmeticKind.Operator, "m"),
        ("the square root of", ArithmeticKind.Root, "√"), ("square root of", ArithmeticKind.Root, "√"), ("sqrt of", ArithmeticKind.Root, "√"), ("sqrt", ArithmeticKind.Root, "√"),
        ("percent", ArithmeticKind.Percent, "%"), ("per cent", ArithmeticKind.Percent, "%"), ("squared", ArithmeticKind.Operator, "²"), ("cubed", ArithmeticKind.Operator, "³"),
    ];

    /// <summary>All tokens of a text; keep it short, the answer is for a sentence.</summary>
    public static List<ArithmeticToken> Read(string text)
    {
        var tokens = new List<ArithmeticToken>();
        for (int i = 0; i < text.Length;)
        {
            // "$20" is the number with its unit.
            if (char.IsWhiteSpace(text[i]) || (IsCurrency(text[i]) && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])))
            {
                i++;
                continue;
            }

            var token = char.IsAsciiDigit(text[i]) || (text[i] == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])) ? Number(text, i)
                : char.IsLetter(text[i]) ? Word(text, i)
                : Sign(text, i);
            tokens.Add(token);
            i = token.End;
        }

        return tokens;
    }

    /// <summary>Whether a character is a sign of money.</summary>
    public static bool IsCurrency(char c) => char.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol;

    private static ArithmeticToken Number(string text, int start)
    {
        int end = start;
        int points = 0;
        int digits = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || IsPoint(text, end) || IsGroup(text, start, end)))
        {
            points += text[end] == '.' ? 1 : 0;
            digits += char.IsAsciiDigit(text[end]) ? 1 : 0;
            end++;
        }

        // "3x4" is a product, "3D", "10th", "0x10" and "1.2.3" are no numbers.
        bool product = text[start..end] != "0" && end + 1 < text.Length && text[end] is 'x' or 'X' && char.IsAsciiDigit(text[end + 1]);
        bool glued = end < text.Length && (char.IsLetter(text[end]) || text[end] == '_') && !product;
        return points > 1 || glued || digits > MaxDigits || DateEnd(text, start) is > 0
            ? new(ArithmeticKind.Other, "", start, Math.Max(glued ? RunEnd(text, end) : end, DateEnd(text, start)))
            : new(ArithmeticKind.Number, (text[start] == '.' ? "0" : "") + text[start..end].Replace(",", "", StringComparison.Ordinal), start, end);
    }

    private static bool IsPoint(string text, int at) => text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]);

    // A comma groups if exactly three digits follow and one to three precede since the last.
    private static bool IsGroup(string text, int start, int at)
    {
        int after = at + 1;
        while (after < text.Length && after - at <= 4 && char.IsAsciiDigit(text[after]))
        {
            after++;
        }

        int before = text.LastIndexOfAny([',', '.'], at - 1 < start ? start : at - 1, at - start);
        int length = at - Math.Max(before + 1, start);
        return text[at] == ',' && after - at == 4 && length is >= 1 and <= 3 && (before < 0 || text[before] == ',');
    }

    // Three groups of digits with - or / and no space between are a date or a telephone number if one starts with a zero or has four digits or, with -, three.
    private static int DateEnd(string text, int start)
    {
        int groups = 0;
        bool odd = false;
        char separator = '\0';
        int i = start;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
        {
            int end = i;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            groups++;
            odd |= (text[i] == '0' && end - i > 1) || end - i >= 4 || (separator == '-' && end - i >= 3);
            if (end + 1 >= text.Length || text[end] is not ('-' or '/' or ':') || !char.IsAsciiDigit(text[end + 1]) || (separator != '\0' && text[end] != separator))
            {
                return (groups >= 3 && odd) || separator == ':' ? end : 0;
            }

            separator = text[end];
            i = end + 1;
        }

        return 0;
    }

    private static ArithmeticToken Word(string text, int start)
    {
        foreach (var (phrase, kind, sign) in Phrases)
        {
            int end = start + phrase.Length;
            if (string.Compare(text, start, phrase, 0, phrase.Length, StringComparison.OrdinalIgnoreCase) == 0 && (end == text.Length || !Words.IsPart(text[end])))
            {
                return new(kind, sign, start, end);
            }
        }

        int run = RunEnd(text, start);
        string word = text[start..run].ToLowerInvariant();
        if (word[0] == 'x' && (word == "x" || word[1..].All(char.IsAsciiDigit)))
        {
            return new(ArithmeticKind.Operator, "*", start, start + 1);
        }

        return NumberPhrase.Read(text, start) is var (value, last)
            ? new(ArithmeticKind.Number, value.ToString(CultureInfo.InvariantCulture), start, last)
            : new(word.Any(char.IsAsciiDigit) ? ArithmeticKind.Other : ArithmeticKind.Word, word, start, run);
    }

    // "v1.2.3" and "it's" are one run.
    private static int RunEnd(string text, int start)
    {
        int end = start;
        while (end < text.Length && (Words.IsPart(text[end]) || (text[end] is '.' or '\'' or '’' && end + 1 < text.Length && Words.IsPart(text[end + 1]))))
        {
            end++;
        }

        return end;
    }

    private static ArithmeticToken Sign(string text, int at)
    {
        var (kind, sign, length) = text[at] switch
        {
            '*' when at + 1 < text.Length && text[at + 1] == '*' => (ArithmeticKind.Operator, "^", 2),
            '+' or '*' or '/' or '^' => (ArithmeticKind.Operator, text[at].ToString(), 1),
            '-' or '−' or '–' => (ArithmeticKind.Operator, "-", 1),
            '×' or '·' or '⋅' => (ArithmeticKind.Operator, "*", 1),
            '÷' => (ArithmeticKind.Operator, "/", 1),
            '²' or '³' => (ArithmeticKind.Operator, text[at].ToString(), 1),
            '%' => (ArithmeticKind.Percent, "%", 1),
            '√' => (ArithmeticKind.Root, "√", 1),
            '(' or '[' => (ArithmeticKind.Open, "(", 1),
            ')' or ']' => (ArithmeticKind.Close, ")", 1),
            _ => (ArithmeticKind.Other, text[at].ToString(), 1),
        };
        return new(kind, sign, at, at + length);
    }
}
