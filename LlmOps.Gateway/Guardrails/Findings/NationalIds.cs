namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Numbers that states give to persons: those with check digits, and those with a strict form of their own.</summary>
internal static class NationalIds
{
    private const int MostCharacters = 18;

    // d is a digit, A a capital, ? either; the rest is as it is. A form is only tried where as many digits or capitals as
    // it begins with stand together.
    private static readonly Form[] Forms =
    [
        new("ddd-dd-dddd", NationalIdChecks.UnitedStates),
        new("ddd-ddd-ddd", CheckDigits.Luhn), // Canada
        new("ddddddddddd", NationalIdChecks.Germany),
        new("dd ddd ddd ddd", NationalIdChecks.Germany),
        new("AAddddddA", NationalIdChecks.UnitedKingdom),
        new("AA dd dd dd A", NationalIdChecks.UnitedKingdom),
        new("ddddddddddddddd", NationalIdChecks.France),
        new("ddddddAdddddddd", NationalIdChecks.France),
        new("d dd dd d? ddd ddd dd", NationalIdChecks.France),
        new("ddddddddA", NationalIdChecks.Spain),
        new("dddddddd-A", NationalIdChecks.Spain),
        new("dd.ddd.ddd-A", NationalIdChecks.Spain),
        new("AdddddddA", NationalIdChecks.Spain),
        new("A-ddddddd-A", NationalIdChecks.Spain),
        new("AAAAAA??A??A???A", NationalIdChecks.Italy),
        new("ddddddddddd", NationalIdChecks.Poland),
        new("ddd.ddd.ddd-dd", NationalIdChecks.Brazil),
        new("ddddddddddd", NationalIdChecks.Brazil),
        new("dddd dddd dddd", NationalIdChecks.India),
        new("ddd.dddd.dddd.dd", NationalIdChecks.Switzerland),
        new("dd.dd.dd-ddd.dd", NationalIdChecks.Belgium),
        new("dddddd-dddd", NationalIdChecks.Sweden),
        new("dddddddd-dddd", NationalIdChecks.Sweden),
        new("dddddddddddddddddd", NationalIdChecks.China),
        new("dddddddddddddddddA", NationalIdChecks.China),
    ];

    private static readonly Form[][] ByFirstRun = [.. Enumerable.Range(-MostCharacters - 1, (2 * MostCharacters) + 3).Select(run => Forms.Where(form => form.FirstRun == run).ToArray())];

    /// <summary>The longest number of a person that begins at a place.</summary>
    public static int Match(ref Peek text, int start)
    {
        var end = -1;
        foreach (var form in ByFirstRun[FirstRun(ref text, start) + MostCharacters + 1])
        {
            end = Math.Max(end, Match(ref text, start, form));
        }

        return end;
    }

    // Digits count up, capitals down.
    private static int FirstRun(ref Peek text, int start)
    {
        var index = start;
        while (index - start <= MostCharacters && char.IsAsciiDigit(text[index]))
        {
            index++;
        }

        if (index > start)
        {
            return index - start;
        }

        while (index - start <= MostCharacters && char.IsAsciiLetterUpper(text[index]))
        {
            index++;
        }

        return start - index;
    }

    private static int Match(ref Peek text, int start, Form form)
    {
        Span<char> characters = stackalloc char[MostCharacters];
        var count = 0;
        foreach (var sign in form.Shape)
        {
            var character = text[start++];
            var fits = sign switch
            {
                'd' => char.IsAsciiDigit(character),
                'A' => char.IsAsciiLetterUpper(character),
                '?' => char.IsAsciiDigit(character) || char.IsAsciiLetterUpper(character),
                ' ' => Characters.IsGroupSpace(character),
                _ => character == sign,
            };
            if (!fits)
            {
                return -1;
            }

            if (sign is 'd' or 'A' or '?')
            {
                characters[count++] = character;
            }
        }

        return Characters.EndsNumber(ref text, start) && form.IsRight(characters[..count]) ? start : -1;
    }

    private delegate bool Check(ReadOnlySpan<char> characters);

    private sealed record Form(string Shape, Check IsRight)
    {
        public int FirstRun { get; } = Run(Shape, 'd') is var digits and > 0 ? digits : -Run(Shape, 'A');

        private static int Run(string shape, char sign)
        {
            var run = shape.AsSpan().IndexOfAnyExcept(sign);
            return run < 0 ? shape.Length : run;
        }
    }
}
