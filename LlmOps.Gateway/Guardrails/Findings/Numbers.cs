namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds the kinds of personal data that are numbers: everything but e-mail addresses. Each begins at a digit, or a few characters before one.</summary>
internal static class Numbers
{
    // The Italian codice fiscale's.
    private const int MostLetters = 6;

    // Before a number's first letter, if it has one, and in all but IP addresses, which have so many full stops.
    private const int FewestDigits = 6;
    private const int Dots = 3;
    private const int Far = 48;

    public static void Find(ref Scan scan, PersonalDataKinds kinds)
    {
        var text = scan.Text;
        var digit = scan.From > 0 && char.IsAsciiDigit(text[scan.From - 1]) ? RunEnd(text, scan.From) : scan.From;
        for (digit = Next(text, digit); digit < text.Length; digit = Next(text, RunEnd(text, digit)))
        {
            var letters = LettersBefore(text, digit);
            if (letters == 0)
            {
                if (MayBegin(text, digit))
                {
                    AtDigit(ref scan, kinds, digit);
                }
            }
            else if (letters <= MostLetters && Characters.StartsNumber(text, digit - letters))
            {
                AfterLetters(ref scan, kinds, digit - letters, letters);
            }
        }

        HoldBeforeDigit(ref scan);
    }

    // Whether enough digits and dots follow for a number of some kind, or may follow: most numbers of a text are small ones.
    private static bool MayBegin(ReadOnlySpan<char> text, int digit)
    {
        var (digits, dots) = (0, 0);
        for (var at = digit; at < text.Length && at - digit < Far; at++)
        {
            var character = text[at];
            if (char.IsAsciiDigit(character))
            {
                digits++;
            }
            else if (character == '.')
            {
                dots++;
            }
            else if (!(character is '-' or '/' or '(' or ')' || Characters.IsGroupSpace(character)))
            {
                return false;
            }

            if (digits == FewestDigits || dots == Dots)
            {
                break;
            }
        }

        return true;
    }

    private static void AtDigit(ref Scan scan, PersonalDataKinds kinds, int digit)
    {
        var text = scan.Text;
        var before = digit > 0 ? text[digit - 1] : '\0';
        if (kinds.HasFlag(PersonalDataKinds.Phone) && before is '+' or '(')
        {
            var start = before == '+' && digit > 1 && text[digit - 2] == '(' ? digit - 2 : digit - 1;
            if (Characters.StartsNumber(text, start))
            {
                scan.Try(FindingRules.Phone, start, PhoneNumbers.Match);
            }
        }

        if (kinds.HasFlag(PersonalDataKinds.NationalId) && LettersApart(text, digit) is var apart and > 0)
        {
            scan.Try(FindingRules.NationalId, digit - apart, NationalIds.Match);
        }

        if (!Characters.StartsNumber(text, digit))
        {
            return;
        }

        if (kinds.HasFlag(PersonalDataKinds.Card))
        {
            scan.Try(FindingRules.Card, digit, CardNumbers.Match);
        }

        if (kinds.HasFlag(PersonalDataKinds.NationalId))
        {
            scan.Try(FindingRules.NationalId, digit, NationalIds.Match);
        }

        if (kinds.HasFlag(PersonalDataKinds.Ip))
        {
            scan.Try(FindingRules.Ip, digit, IpAddresses.MatchV4);
        }

        if (kinds.HasFlag(PersonalDataKinds.Phone))
        {
            scan.Try(FindingRules.Phone, digit, PhoneNumbers.Match);
        }
    }

    private static void AfterLetters(ref Scan scan, PersonalDataKinds kinds, int start, int letters)
    {
        if (kinds.HasFlag(PersonalDataKinds.Iban) && letters == 2)
        {
            scan.Try(FindingRules.Iban, start, IbanNumbers.Match);
        }

        if (kinds.HasFlag(PersonalDataKinds.NationalId))
        {
            scan.Try(FindingRules.NationalId, start, NationalIds.Match);
        }
    }

    // What may be the beginning of a number whose first digit, or whose first colon, has not come yet.
    private static void HoldBeforeDigit(ref Scan scan)
    {
        var text = scan.Text;
        var start = text.Length;
        while (start > 0 && text.Length - start <= MostLetters && char.IsAsciiLetterOrDigit(text[start - 1]))
        {
            start--;
        }

        if (start == text.Length)
        {
            start -= LettersApart(text, start);
            while (start > 0 && text.Length - start < 2 && text[start - 1] is '+' or '(')
            {
                start--;
            }
        }

        if (text.Length - start <= MostLetters)
        {
            scan.Hold(start);
        }
    }

    private static int LettersBefore(ReadOnlySpan<char> text, int digit)
    {
        var start = digit;
        while (start > 0 && digit - start <= MostLetters && char.IsAsciiLetter(text[start - 1]))
        {
            start--;
        }

        return digit - start;
    }

    // "AB 12 34 56 C" and "X-1234567-L": how far before the digit they begin.
    private static int LettersApart(ReadOnlySpan<char> text, int digit)
    {
        var letters = digit > 2 && text[digit - 1] == ' ' ? 2 : digit > 1 && text[digit - 1] == '-' ? 1 : 0;
        var start = digit - 1 - letters;
        return letters > 0 && !text[start..(digit - 1)].ContainsAnyExceptInRange('A', 'Z') && Characters.StartsNumber(text, start) ? letters + 1 : 0;
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var digit = text[from..].IndexOfAnyInRange('0', '9');
        return digit < 0 ? text.Length : from + digit;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int digit)
    {
        while (digit < text.Length && char.IsAsciiDigit(text[digit]))
        {
            digit++;
        }

        return digit;
    }
}
