using System.Buffers;
using System.Text;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// Phone numbers: international ones (+ or 00), those of North America in groups of 3, 3 and 4 digits, national ones that begin
/// with 0 and an area code, and any 7 to 15 digits after a word such as "phone". Digits alone, with none of that, are none.
/// </summary>
internal static class PhoneNumbers
{
    private const int MostDigits = 15;
    private const int MostGroups = 8;
    private const int MostBetween = 3;
    private const int WordDistance = 24;

    private static readonly string[] Words =
        ["phone", "telephone", "telefon", "teléfono", "téléphone", "telefone", "telefono", "mobile", "mobil", "móvil", "handy", "whatsapp", "tel:", "tel.", "tel ", "fax", "cell:", "sms"];

    // In a text without accents none is looked for, which is much faster.
    private static readonly SearchValues<string> AnyWord = SearchValues.Create(Words, StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<string> AnyPlainWord = SearchValues.Create([.. Words.Where(word => Ascii.IsValid(word))], StringComparison.OrdinalIgnoreCase);

    /// <summary>The longest phone number that begins at a place: a digit, or what stands before the first one.</summary>
    public static int Match(ref Peek text, int start)
    {
        Span<char> digits = stackalloc char[MostDigits];
        Span<int> groups = stackalloc int[MostGroups];
        Span<int> ends = stackalloc int[MostGroups];
        var index = start;
        var isInternational = false;
        while (index - start < 2 && text[index] is '(' or '+')
        {
            isInternational |= text[index++] == '+';
        }

        var (count, group, separators) = (0, 0, default(Separators));
        while (group < MostGroups)
        {
            var begin = index;
            while (count < MostDigits && char.IsAsciiDigit(text[index]))
            {
                digits[count++] = text[index++];
            }

            if (char.IsAsciiDigit(text[index]))
            {
                // More digits than a number has: this group is none of its.
                count -= index - begin;
                break;
            }

            (groups[group], ends[group]) = (index - begin, index);
            group++;
            if (!SkipBetween(ref text, ref index, ref separators))
            {
                break;
            }
        }

        for (; group > 0; group--, count -= groups[group])
        {
            var end = ends[group - 1];
            if (text[start] == '(' && !text.Text[start..end].Contains(')'))
            {
                // The parenthesis is the sentence's; the number begins after it.
                return -1;
            }

            var number = new Number(digits[..count], groups[..group], isInternational, separators);
            if ((number.IsPhone() || (count >= 7 && IsCalledOne(text.Text, start))) && Characters.EndsNumber(ref text, end))
            {
                return end;
            }
        }

        return -1;
    }

    private static bool SkipBetween(ref Peek text, ref int index, ref Separators separators)
    {
        var (begin, found) = (index, separators);
        while (index - begin < MostBetween)
        {
            var separator = text[index] switch
            {
                '-' => Separators.Hyphen,
                '.' => Separators.Dot,
                '/' => Separators.Slash,
                '(' or ')' => Separators.Parenthesis,
                var other when Characters.IsGroupSpace(other) => Separators.Space,
                _ => Separators.None,
            };
            if (separator == Separators.None)
            {
                break;
            }

            found |= separator;
            index++;
        }

        if (index == begin || !char.IsAsciiDigit(text[index]))
        {
            return false;
        }

        separators = found;
        return true;
    }

    private static bool IsCalledOne(ReadOnlySpan<char> text, int start)
    {
        var before = Characters.Before(text, start, WordDistance);
        var word = before.IndexOfAny(Ascii.IsValid(before) ? AnyPlainWord : AnyWord);
        return word >= 0 && (word == 0 || !Characters.IsWord(before[word - 1])) && !before[word..].ContainsAnyInRange('0', '9');
    }

    [Flags]
    private enum Separators
    {
        None = 0,
        Space = 1,
        Hyphen = 2,
        Dot = 4,
        Slash = 8,
        Parenthesis = 16,
    }

    private readonly ref struct Number(ReadOnlySpan<char> digits, ReadOnlySpan<int> groups, bool isInternational, Separators separators)
    {
        private readonly ReadOnlySpan<char> _digits = digits;
        private readonly ReadOnlySpan<int> _groups = groups;

        public bool IsPhone() => isInternational ? IsInternational(_digits) : _groups.Length > 1 && (IsNorthAmerican() || IsNational() || IsDialledAbroad());

        // Country code 1 is North America's, which has a fixed length; 0 is none.
        private static bool IsInternational(ReadOnlySpan<char> digits) => digits.Length >= 8 && digits[0] switch
        {
            '0' => false,
            '1' or '7' => digits.Length == 11,
            _ => true,
        };

        private bool IsDialledAbroad() => _groups[0] >= 3 && _digits.StartsWith("00") && IsInternational(_digits[2..]);

        private bool IsNorthAmerican()
        {
            var hasCountry = _groups is [1, 3, 3, 4] && _digits[0] == '1';
            var own = hasCountry ? _digits[1..] : _digits;
            if (!(hasCountry || _groups is [3, 3, 4]) || (separators & Separators.Slash) != 0)
            {
                return false;
            }

            // With spaces alone it could be any numbers, so it must be one that is given out; 555-123-4567 is only made up.
            return separators != Separators.Space || (own[0] >= '2' && own[3] >= '2');
        }

        // An area code of three digits or more; or the pairs of France, the two, four and four of Japan, Australia and Italy.
        private bool IsNational()
        {
            if (_digits[0] != '0' || _digits[1] == '0')
            {
                return false;
            }

            var isDotted = (separators & Separators.Dot) != 0;
            return _groups is [2, 2, 2, 2, 2]
                || (!isDotted && _groups is [2, 4, 4])
                || (!isDotted && _digits.Length is >= 9 and <= 12 && _groups[0] is >= 3 and <= 5 && _groups.Length <= 5 && !_groups.Contains(1));
        }
    }
}
