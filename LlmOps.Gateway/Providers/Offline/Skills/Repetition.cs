using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that says what it is told to say, to the letter.</summary>
internal static partial class Repetition
{
    /// <summary>How much of a message is searched for the command, in UTF-16 units.</summary>
    private const int MaxCommand = 120;

    /// <summary>Longest text after a mere "say", which may also be the start of a text.</summary>
    private const int MaxSaid = 400;

    /// <summary>Most times a text is repeated.</summary>
    private const int MaxTimes = 100;

    /// <summary>The text to repeat; null if a message does not tell to.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        string message = prompt.User.Trim();
        string head = message[..Math.Min(message.Length, MaxCommand)];
        bool loose = message.Length <= MaxSaid && !SummaryRequest.IsSet(prompt.System);
        if (Times().Match(head) is { Success: true } times && message.Length <= MaxCommand && Often(times) is > 0 and <= MaxTimes and var often)
        {
            return string.Join(' ', Enumerable.Repeat(Quotes.Strip(times.Groups["text"].Value), often));
        }

        var command = Explicit().Match(head);
        command = command.Success || !loose ? command : Loose().Match(head);
        string text = command.Success ? message[command.Length..].Trim() : "";
        string said = Quotes.Strip(text);

        // "Say hello in French" asks for a translation.
        bool translates = said == text && !Explicit().IsMatch(head) && Language().IsMatch(text);
        return text.Length == 0 || translates ? null : said;
    }

    private static int Often(Match times) =>
        times.Groups["often"].Value is { Length: > 0 } word ? NumberWords.TryParse(word.ToLowerInvariant(), out int often) ? often : 0 : 2;

    [GeneratedRegex(@"^(please |can you |could you )?(say|repeat|write|print|echo) ((only |just )?(the )?(word|phrase|text|string) )?(?<text>\S.*?) (twice|(?<often>\w+) times)\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Times();

    [GeneratedRegex(@" in \w+[.!?]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Language();

    [GeneratedRegex(
        @"^(please |can you |could you )?((repeat|say)( exactly| verbatim| back)?( this| the following( text| words?| sentence)?)?( after me| to me| exactly| verbatim| back)?( this| the following)?\s*:"
        + @"|(repeat|say) (exactly|verbatim|after me)\b[:,]?|(echo|print|output|write)( exactly| back)?( the following)?\s*:"
        + @"|(reply|respond|answer)( to this)? (exactly |only |just )*with (exactly|only|just|nothing but)( the| this)?( following| single)?( words?| text| phrase| string)?\s*:?"
        + @"|(reply|respond|answer) (exactly|only|just) with( exactly| only)?( the| this)?( following| single)?( words?| text| phrase| string)?\s*:?"
        + @"|(reply|respond|answer)( exactly| only)?( with)?( the words?| the following( text)?)?\s*:)\s",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Explicit();

    [GeneratedRegex(@"^(please |can you |could you )?(say|echo|repeat|reply with|respond with|answer with)( only| just)?( the( single)? words?)?\s",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Loose();
}
