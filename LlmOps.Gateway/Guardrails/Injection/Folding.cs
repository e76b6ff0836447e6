using System.Globalization;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Brings the ways to write a letter into one: case, width, accents, mathematical and enclosed alphabets, letters that only look
/// like Latin ones. folding.txt lists them: without ICU, as the gateway runs, .NET does not normalize.
/// </summary>
internal static class Folding
{
    // The first letters that look like Latin ones, and how many there are from there: Greek, Cyrillic, Armenian.
    private const char FirstLookalike = '\u0370';
    private const int LookalikeCount = 0x220;

    private static readonly char[] Folds = new char[char.MaxValue + 1];
    private static readonly CharacterKind[] KindsOf = new CharacterKind[char.MaxValue + 1];
    private static readonly char[] Lookalikes = new char[LookalikeCount];
    private static readonly List<(int Start, int Count, char First)> Ranges = [];

    static Folding()
    {
        for (var c = 0; c <= char.MaxValue; c++)
        {
            Folds[c] = char.ToLowerInvariant((char)c);
        }

        foreach (var line in ResourceFile.Lines("folding.txt"))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts[0] == "range")
            {
                Ranges.Add((int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture), parts[3][0]));
            }
            else
            {
                foreach (var c in parts[2])
                {
                    if (parts[1] == "~")
                    {
                        Lookalikes[c - FirstLookalike] = parts[0][0];
                    }
                    else
                    {
                        Folds[c] = parts[0][0];
                    }
                }
            }
        }

        for (var c = 0; c <= char.MaxValue; c++)
        {
            if (Ranged(c) is not '\0' and var folded)
            {
                Folds[c] = folded;
            }

            KindsOf[c] = Kind(Folds[c]);
        }
    }

    /// <summary>By character: the one that stands for it.</summary>
    public static ReadOnlySpan<char> Folded => Folds;

    /// <summary>By character: what it is to the scanner.</summary>
    public static ReadOnlySpan<CharacterKind> Kinds => KindsOf;

    /// <summary>The Latin letter that a Greek, Cyrillic or Armenian one looks like; 0 where there is none.</summary>
    public static char Lookalike(char c) => c - FirstLookalike is >= 0 and < LookalikeCount and var index ? Lookalikes[index] : '\0';

    /// <summary>Whether a letter is of an alphabet with letters that look like Latin ones.</summary>
    public static bool MayLookLatin(char c) => c - FirstLookalike is >= 0 and < LookalikeCount;

    /// <summary>What a character outside the basic plane stands for; 0 where it is no letter, as an emoji.</summary>
    public static char FoldedPair(char high, char low)
    {
        var code = char.ConvertToUtf32(high, low);

        // Tags: ASCII that nobody sees, and that models read.
        return code is > 0xE0020 and < 0xE007F ? Folds[code - 0xE0000] : Ranged(code);
    }

    private static char Ranged(int code)
    {
        foreach (var (start, count, first) in Ranges)
        {
            if (code >= start && code < start + count)
            {
                var alphabet = first switch { 'a' => 26, '0' => 10, _ => count };
                return char.ToLowerInvariant((char)(first + ((code - start) % alphabet)));
            }
        }

        return '\0';
    }

    private static CharacterKind Kind(char c)
    {
        if (c is (>= '\u3040' and <= '\u30ff') or (>= '\u3400' and <= '\u9fff') or (>= '\uac00' and <= '\ud7af') or (>= '\uf900' and <= '\ufaff') or (>= '\u0e00' and <= '\u0e7f'))
        {
            return CharacterKind.Ideograph;
        }

        if (c is (>= '\u0300' and <= '\u036f') or (>= '\u0483' and <= '\u0489') or (>= '\u0591' and <= '\u05bd') or '\u0640' or (>= '\u064b' and <= '\u065f') or '\u0670'
            or '\u115f' or '\u1160' or '\u180e' or '\u3164' or '\uffa0' or (>= '\u1ab0' and <= '\u1aff') or (>= '\u1dc0' and <= '\u1dff') or (>= '\u20d0' and <= '\u20ff') or (>= '\ufe00' and <= '\ufe2f'))
        {
            return CharacterKind.Ignored;
        }

        return char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => CharacterKind.Letter,
            UnicodeCategory.DecimalDigitNumber => CharacterKind.Digit,
            UnicodeCategory.Format => CharacterKind.Ignored,
            UnicodeCategory.Surrogate => CharacterKind.Surrogate,
            _ => c switch
            {
                '\n' => CharacterKind.NewLine,
                '.' or '!' or '?' or '。' or '！' or '？' or '।' or '؟' => CharacterKind.SentenceEnd,
                '"' or '“' or '”' or '„' or '«' or '»' or '「' or '」' or '『' or '』' or '`' or '\'' or '‘' or '’' => CharacterKind.Quote,
                '<' or '[' or '#' or '{' => CharacterKind.Marker,
                ':' => CharacterKind.Colon,
                _ => CharacterKind.Separator,
            },
        };
    }
}

/// <summary>What a character is to the scanner.</summary>
internal enum CharacterKind : byte
{
    /// <summary>Between words.</summary>
    Separator,

    /// <summary>Of a word that separators end.</summary>
    Letter,

    /// <summary>Zero to nine.</summary>
    Digit,

    /// <summary>Of a script without spaces, or whose words take endings: Chinese, Japanese, Korean, Thai.</summary>
    Ideograph,

    /// <summary>Seen by nobody: zero-width, directional and combining ones.</summary>
    Ignored,

    /// <summary>Half of a character outside the basic plane.</summary>
    Surrogate,

    /// <summary>Ends a line.</summary>
    NewLine,

    /// <summary>May end a sentence.</summary>
    SentenceEnd,

    /// <summary>Begins or ends a quotation or code.</summary>
    Quote,

    /// <summary>May begin a marker of a chat's turns.</summary>
    Marker,

    /// <summary>A colon.</summary>
    Colon,
}
