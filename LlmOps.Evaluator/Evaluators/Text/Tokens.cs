using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>The ways in which measures take texts apart.</summary>
internal static partial class Tokens
{
    /// <summary>Words as people count them: what stands between white space and has a letter or digit. Each sign of a script written without spaces (Chinese, Japanese) is one.</summary>
    public static IReadOnlyList<string> OfSpace(string text) => Split(text, rune => !Rune.IsWhiteSpace(rune), token => token.EnumerateRunes().Any(IsOfWord));

    /// <summary>Words as ROUGE takes them: runs of letters and digits in lower case. On ASCII those of the rouge_score package, which knows a-z and 0-9 alone.</summary>
    public static IReadOnlyList<string> OfLetters(string text) => Split(text.ToLowerInvariant(), IsOfWord, _ => true);

    /// <summary>Words as SQuAD's evaluation takes them (normalize_answer of evaluate-v2.0.py): in lower case, without punctuation, and without a, an and the.</summary>
    public static IReadOnlyList<string> OfAnswer(string text) =>
        [.. Split(new string([.. text.ToLowerInvariant().Where(letter => !IsPunctuation(letter))]), rune => !Rune.IsWhiteSpace(rune), token => token is not ("a" or "an" or "the"))];

    /// <summary>Words and marks as mteval-v13a takes them, which BLEU is computed from by default (sacrebleu's tokenizer 13a).</summary>
    public static IReadOnlyList<string> Of13A(string text)
    {
        var line = text.TrimEnd().Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        line = Marks().Replace($" {line} ", " $1 ");
        line = MarkAfterOther().Replace(line, "$1 $2 ");
        line = MarkBeforeOther().Replace(line, " $1 $2");
        return BySpace(DashAfterDigit().Replace(line, "$1 $2 "));
    }

    /// <summary>What stands between white space.</summary>
    public static IReadOnlyList<string> BySpace(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Each character but white space.</summary>
    public static IReadOnlyList<string> OfCharacters(string text) => [.. text.EnumerateRunes().Where(rune => !Rune.IsWhiteSpace(rune)).Select(rune => rune.ToString())];

    private static List<string> Split(string text, Func<Rune, bool> isInside, Func<string, bool> isToken)
    {
        List<string> tokens = [];
        var (start, position) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var isIdeograph = Words.IsIdeograph(text[position]);
            if (isIdeograph || !isInside(rune))
            {
                Add(position);
                start = position + (isIdeograph ? 0 : rune.Utf16SequenceLength);
            }

            position += rune.Utf16SequenceLength;
            if (isIdeograph)
            {
                Add(position);
                start = position;
            }
        }

        Add(text.Length);
        return tokens;

        void Add(int end)
        {
            if (end > start && text[start..end] is var token && isToken(token))
            {
                tokens.Add(token);
            }
        }
    }

    private static bool IsOfWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // SQuAD's are ASCII's; Unicode's are taken with them, as answers have typographic quotes and dashes.
    private static bool IsPunctuation(char letter) => char.IsPunctuation(letter) || (char.IsAscii(letter) && char.IsSymbol(letter));

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])")]
    private static partial Regex Marks();

    [GeneratedRegex(@"([^0-9])([\.,])")]
    private static partial Regex MarkAfterOther();

    [GeneratedRegex(@"([\.,])([^0-9])")]
    private static partial Regex MarkBeforeOther();

    [GeneratedRegex("([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
