namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>What each state's numbers must fulfil; each takes the number's digits and letters alone, in their right count.</summary>
internal static class NationalIdChecks
{
    /// <summary>Social security numbers: no area 000, 666 or 9xx, no group 00, no serial 0000.</summary>
    public static bool UnitedStates(ReadOnlySpan<char> digits) =>
        digits[..3] is not ("000" or "666") && digits[0] != '9' && digits[3..5] is not "00" && digits[5..] is not "0000";

    /// <summary>Steuer-ID: of its first ten digits exactly one occurs twice or three times; mod 11, 10.</summary>
    public static bool Germany(ReadOnlySpan<char> digits)
    {
        Span<int> counts = stackalloc int[10];
        foreach (var digit in digits[..10])
        {
            counts[digit - '0']++;
        }

        var repeated = counts.Count(2) + counts.Count(3);
        return digits[0] != '0' && repeated == 1 && !counts.ContainsAnyExceptInRange(0, 3) && CheckDigits.Mod11And10(digits);
    }

    /// <summary>National insurance numbers: letters that are given out, and a suffix from A to D.</summary>
    public static bool UnitedKingdom(ReadOnlySpan<char> characters) =>
        !"DFIQUV".Contains(characters[0]) && !"DFIOQUV".Contains(characters[1]) && characters[8] <= 'D'
        && characters[..2] is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ");

    /// <summary>NIR: sex, month, department (Corsica's are 2A and 2B), key.</summary>
    public static bool France(ReadOnlySpan<char> characters)
    {
        Span<char> digits = stackalloc char[15];
        characters.CopyTo(digits);
        var corsica = 0L;
        if (characters[6] is 'A' or 'B')
        {
            (corsica, digits[6]) = (characters[5] != '2' ? -1 : characters[6] == 'A' ? 1_000_000 : 2_000_000, '0');
        }

        if (corsica < 0 || digits.ContainsAnyExceptInRange('0', '9') || digits[0] is not ('1' or '2' or '3' or '4' or '7' or '8'))
        {
            return false;
        }

        var month = Two(digits, 3);
        var number = long.Parse(digits[..13], provider: null) - corsica;
        return month is (>= 1 and <= 12) or (>= 20 and <= 42) or (>= 50 and <= 99) && 97 - (number % 97) == Two(digits, 13);
    }

    /// <summary>DNI and NIE: the letter for the number modulo 23, where X, Y and Z stand for 0, 1 and 2.</summary>
    public static bool Spain(ReadOnlySpan<char> characters)
    {
        Span<char> digits = stackalloc char[8];
        characters[..8].CopyTo(digits);
        digits[0] = char.IsAsciiDigit(digits[0]) ? digits[0] : (char)(digits[0] - 'X' + '0');
        return digits[0] is >= '0' and <= '9' && "TRWAGMYFPDXBNJZSQVHLCKE"[int.Parse(digits, provider: null) % 23] == characters[8];
    }

    /// <summary>Codice fiscale: digits, or the letters that stand for them where two persons share a code, the month's letter, the check letter.</summary>
    public static bool Italy(ReadOnlySpan<char> characters)
    {
        const string Substitutes = "LMNPQRSTUV";
        ReadOnlySpan<int> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        ReadOnlySpan<int> numbers = [6, 7, 9, 10, 12, 13, 14];
        foreach (var place in numbers)
        {
            if (!char.IsAsciiDigit(characters[place]) && !Substitutes.Contains(characters[place]))
            {
                return false;
            }
        }

        var sum = 0;
        for (var place = 0; place < 15; place++)
        {
            var value = characters[place] - (char.IsAsciiDigit(characters[place]) ? '0' : 'A');
            sum += place % 2 == 0 ? odd[value] : value;
        }

        return "ABCDEHLMPRST".Contains(characters[8]) && sum % 26 == characters[15] - 'A';
    }

    /// <summary>PESEL: a date whose month also tells the century, and weights of 1, 3, 7 and 9.</summary>
    public static bool Poland(ReadOnlySpan<char> digits) =>
        Two(digits, 2) % 20 is >= 1 and <= 12 && Two(digits, 4) is >= 1 and <= 31
        && CheckDigits.Weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0;

    /// <summary>CPF: two check digits modulo 11, and not eleven times the same digit.</summary>
    public static bool Brazil(ReadOnlySpan<char> digits) =>
        digits.ContainsAnyExcept(digits[0])
        && CheckDigits.Weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 == digits[9] - '0'
        && CheckDigits.Weighted(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 == digits[10] - '0';

    /// <summary>Aadhaar: does not begin with 0 or 1, Verhoeff's check digit; three years are none.</summary>
    public static bool India(ReadOnlySpan<char> digits) =>
        digits[0] >= '2' && !(digits.StartsWith("20") && digits[4..].StartsWith("20") && digits[8..].StartsWith("20")) && CheckDigits.Verhoeff(digits);

    /// <summary>AHV number: 756, and the check digit of an EAN.</summary>
    public static bool Switzerland(ReadOnlySpan<char> digits) =>
        digits.StartsWith("756") && CheckDigits.Weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0;

    /// <summary>Rijksregisternummer: 97 minus the rest; who was born from 2000 on has a 2 before the number.</summary>
    public static bool Belgium(ReadOnlySpan<char> digits)
    {
        var number = long.Parse(digits[..9], provider: null);
        var key = Two(digits, 9);
        return Two(digits, 4) <= 31 && (97 - (number % 97) == key || 97 - ((number + 2_000_000_000) % 97) == key);
    }

    /// <summary>Personnummer: a date (a coordination number's day is 60 more), Luhn's check digit over the last ten.</summary>
    public static bool Sweden(ReadOnlySpan<char> digits)
    {
        var own = digits[^10..];
        return (digits.Length == 10 || digits[..2] is "19" or "20")
            && Two(own, 2) is >= 1 and <= 12 && Two(own, 4) is (>= 1 and <= 31) or (>= 61 and <= 91) && CheckDigits.Luhn(own);
    }

    /// <summary>Resident identity number: a date, and ISO 7064 mod 11, 2, whose 10 is an X.</summary>
    public static bool China(ReadOnlySpan<char> characters)
    {
        var sum = CheckDigits.Weighted(characters, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
        return characters[0] is >= '1' and <= '9' && characters[6..8] is "19" or "20" && Two(characters, 10) is >= 1 and <= 12
            && Two(characters, 12) is >= 1 and <= 31 && "10X98765432"[sum % 11] == characters[17];
    }

    private static int Two(ReadOnlySpan<char> digits, int place) => int.Parse(digits.Slice(place, 2), provider: null);
}
