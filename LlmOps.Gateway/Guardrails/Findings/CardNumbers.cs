namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Payment card numbers: 13 to 19 digits of a known issuer with a right check digit (Luhn), together or in groups of which the first has four.</summary>
internal static class CardNumbers
{
    private const int Least = 13;
    private const int Most = 19;

    // First digits from, to; lengths from, to (ISO/IEC 7812; the networks' published ranges).
    private static readonly (int First, int Last, int Shortest, int Longest)[] Issuers =
    [
        (4, 4, 13, 13), (4, 4, 16, 16), (4, 4, 19, 19),
        (51, 55, 16, 16), (2221, 2720, 16, 16),
        (34, 34, 15, 15), (37, 37, 15, 15),
        (6011, 6011, 16, 19), (644, 649, 16, 19), (65, 65, 16, 19),
        (300, 305, 14, 14), (3095, 3095, 14, 14), (36, 36, 14, 14), (38, 39, 14, 14),
        (3528, 3589, 16, 19),
        (62, 62, 16, 19), (8100, 8171, 16, 19),
        (5018, 5018, 13, 19), (5020, 5020, 13, 19), (5038, 5038, 13, 19), (5893, 5893, 13, 19), (6304, 6304, 13, 19), (6759, 6759, 13, 19), (6761, 6763, 13, 19),
        (2200, 2204, 16, 19), (508, 508, 16, 16), (60, 60, 16, 16), (82, 82, 16, 16),
    ];

    /// <summary>The longest card number that begins at a place.</summary>
    public static int Match(ref Peek text, int start)
    {
        Span<char> digits = stackalloc char[Most];
        var (count, index, end, separator) = (0, start, -1, '\0');
        while (true)
        {
            var group = index;
            while (count < Most && char.IsAsciiDigit(text[index]))
            {
                digits[count++] = text[index++];
            }

            if (index == group)
            {
                return end;
            }

            if (count >= Least && IsCard(digits[..count]) && Characters.EndsNumber(ref text, index))
            {
                end = index;
            }

            var next = text[index];
            var isApart = (next == '-' || Characters.IsGroupSpace(next)) && (separator == '\0' ? index - start == 4 : next == separator);
            if (!isApart || count == Most)
            {
                return end;
            }

            separator = next;
            index++;
        }
    }

    private static bool IsCard(ReadOnlySpan<char> digits)
    {
        foreach (var (first, last, shortest, longest) in Issuers)
        {
            var prefix = int.Parse(digits[..Length(first)], provider: null);
            if (prefix >= first && prefix <= last && digits.Length >= shortest && digits.Length <= longest)
            {
                return CheckDigits.Luhn(digits);
            }
        }

        return false;
    }

    private static int Length(int prefix) => prefix < 10 ? 1 : prefix < 100 ? 2 : prefix < 1000 ? 3 : 4;
}
