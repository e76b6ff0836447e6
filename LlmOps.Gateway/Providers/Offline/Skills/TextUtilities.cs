using System.Globalization;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that changes the case of a text, reverses it, or counts what is in it.</summary>
internal static partial class TextUtilities
{
    /// <summary>How much of a message is searched for the command, in UTF-16 units.</summary>
    private const int MaxCommand = 250;

    /// <summary>The changed text, or the count; null if a message asks for neither.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        string message = prompt.User.Trim();
        string head = message[..Math.Min(message.Length, MaxCommand)];
        if (Counting().Match(head) is { Success: true } counting)
        {
            return Operand(message, counting.Length) is { Length: > 0 } counted ? Count(counted, counting.Groups["unit"].Value.ToLowerInvariant()) : null;
        }

        var change = Changing().Match(head);
        var conversion = change.Success ? Match.Empty : Converting().Match(head);
        string verb = (change.Success ? change.Groups["verb"].Value : conversion.Groups["case"].Value).ToLowerInvariant();
        string text = change.Success ? Operand(message, change.Length)
            : conversion.Success ? Quotes.First(head) ?? Text(conversion.Groups["text"].Value, message[conversion.Length..])
            : "";
        return text.Length == 0 ? null
            : verb.StartsWith("upper", StringComparison.Ordinal) || verb.StartsWith("cap", StringComparison.Ordinal) ? text.ToUpperInvariant()
            : verb.StartsWith("lower", StringComparison.Ordinal) ? text.ToLowerInvariant()
            : Reverse(text);
    }

    // "Convert to uppercase: abc" has its text after the command, "Convert abc to uppercase" within it.
    private static string Text(string within, string after) =>
        after.TrimStart().StartsWith(':') ? Quotes.Strip(after.TrimStart()[1..].Trim()) : within.Trim();

    // What starts with a quotation is that quotation; else what follows the colon; else everything.
    private static string Operand(string message, int commandLength)
    {
        string rest = message[commandLength..].Trim();
        if (rest.Length > 0 && rest[0] is '"' or '“' or '\'' or '«' or '„' or '`' && Quotes.FindFirst(rest) is (1, var length))
        {
            return rest.Substring(1, length);
        }

        bool colon = rest.StartsWith(':');
        return Quotes.Strip((colon ? rest[1..] : rest.TrimEnd('?')).Trim());
    }

    private static string Count(string text, string unit)
    {
        int count = unit[0] switch
        {
            'w' => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
            'l' => text.Count(char.IsLetter),
            's' => Sentences.Of(text).Count(),
            _ => new StringInfo(text).LengthInTextElements,
        };
        string name = unit.TrimEnd('s');
        return string.Create(CultureInfo.InvariantCulture, $"{count} {name}{(count == 1 ? "" : "s")}");
    }

    private static string Reverse(string text)
    {
        var elements = new List<string>();
        for (var elementsOf = StringInfo.GetTextElementEnumerator(text); elementsOf.MoveNext();)
        {
            elements.Add(elementsOf.GetTextElement());
        }

        elements.Reverse();
        return string.Concat(elements);
    }

    [GeneratedRegex(
        @"^(please |can you |could you )?(how many|count the) (?<unit>words?|characters?|letters?|sentences?)( are)?( there)?( in| of)( the| this)?( following)?( text| string| words?| sentence| phrase)?\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Counting();

    [GeneratedRegex(
        @"^(please |can you |could you )?(?<verb>uppercase|lowercase|capitali[sz]e|reverse)( the| this)?( following)?( text| string| words?| sentence| letters of| characters of)?\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Changing();

    [GeneratedRegex(
        @"^(please |can you |could you )?(convert|change|turn|make|write|put|transform)( the| this)?( following)?( text| string| words?| sentence)?(?<text>.{0,150}?) (in |to |into )?(all )?(?<case>upper ?case|lower ?case|capitals|caps)\b( letters)?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Converting();
}
