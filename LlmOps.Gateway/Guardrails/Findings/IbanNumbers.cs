namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>IBANs (ISO 13616): of the length that the country has, and with a right check number (mod 97). In capitals, or without spaces.</summary>
internal static class IbanNumbers
{
    private const string Lengths =
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 " +
        "GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 " +
        "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

    private static readonly Dictionary<string, int> ByCountry = Lengths.Split(' ').ToDictionary(entry => entry[..2], entry => int.Parse(entry.AsSpan(2), provider: null), StringComparer.OrdinalIgnoreCase);
    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Countries = ByCountry.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The IBAN that begins at a place, where a digit is known to follow two letters.</summary>
    public static int Match(ref Peek text, int start)
    {
        if (!Countries.TryGetValue(text.Text.Slice(start, 2), out var length))
        {
            return -1;
        }

        Span<char> characters = stackalloc char[length];
        var (index, hasSpaces, hasLower) = (start, false, false);
        for (var count = 0; count < length; count++)
        {
            if (count > 0 && count % 4 == 0 && Characters.IsGroupSpace(text[index]))
            {
                hasSpaces = true;
                index++;
            }

            var character = text[index++];
            if (!(count is 2 or 3 ? char.IsAsciiDigit(character) : char.IsAsciiLetterOrDigit(character)))
            {
                return -1;
            }

            hasLower |= char.IsAsciiLetterLower(character);
            characters[count] = char.ToUpperInvariant(character);
        }

        return !(hasSpaces && hasLower) && Characters.EndsNumber(ref text, index) && CheckDigits.Iban(characters) ? index : -1;
    }
}
