using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that answers with one of the options that a message or the system prompt lists.</summary>
internal static partial class Classification
{
    /// <summary>Longest option, in words.</summary>
    private const int MaxOptionWords = 4;

    /// <summary>Longest system prompt that is read for options, in UTF-16 units.</summary>
    private const int MaxSystem = 8_000;

    /// <summary>The option that fits best, as it is listed; null if no options are.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        if (InstructedText.Split(prompt.User, text => Options(text).Count > 1 || SummaryRequest.IsAsked(text)) is { } split)
        {
            // A text that is to be shortened may itself ask for a choice.
            var options = Options(split.Instruction);
            return options.Count > 1 ? Choose(options, split.Body) : null;
        }

        if (prompt.User.Length <= InstructedText.MaxInstruction && Options(prompt.User) is { Count: > 1 } own)
        {
            // "Is 'I love it' positive or negative?": the options are no mention of themselves.
            return Choose(own, Quotes.First(prompt.User) ?? List().Replace(prompt.User, " "));
        }

        var set = Options(prompt.System[..Math.Min(prompt.System.Length, MaxSystem)]);
        return set.Count > 1 && prompt.User.Length > 0 ? Choose(set, prompt.User) : null;
    }

    /// <summary>The options an instruction lists; empty if it lists none.</summary>
    public static IReadOnlyList<string> Options(string instruction)
    {
        var match = List().Match(instruction);
        if (!match.Success)
        {
            return [];
        }

        var options = Separators().Split(match.Groups["list"].Value)
            .Select(option => Quotes.Strip(option.Trim().Trim('-', '*', '•', '[', ']', '{', '}', '(', ')').Trim()))
            .Select(option => option.StartsWith("either ", StringComparison.OrdinalIgnoreCase) ? option[7..] : option)
            .Where(option => option.Length > 0)
            .ToList();
        return options.Count > 1 && options.All(option => WordBudget.Count(option) <= MaxOptionWords) ? options : [];
    }

    private static string Choose(IReadOnlyList<string> options, string text) => options[BestFit.Choose(options, text)];

    [GeneratedRegex(
        @"(\b(classify|categori[sz]e|label|tag|rate|sort)\b[^.!?\n]{0,160}?\b(as|into|in|with)( either| one of| exactly one of)?( the)?( following)?( categories| labels| classes| options)?\s*:?\s*(?<list>[^.:;!?\n]+?)"
        + @"|\b(one|exactly one) of( the| these)?( following)?( categories| labels| classes| options| words| values)?\s*:\s*(?<list>[-*•] [^\n]+(\n\s*[-*•] [^\n]+)+|[^.:;!?\n]+?)"
        + @"|\b(categories|labels|classes|options|choices)( are)?\s*:\s*(?<list>[-*•] [^\n]+(\n\s*[-*•] [^\n]+)+|[^.:;!?\n]+?)"
        + @"|\b(answer|reply|respond)( only| just)?( with)?( only| just| either)?\s+(?<list>[""']?\w+[""']?( or [""']?\w+[""']?))"
        + @"|\bis (this|it|the following|the (text|review|message|sentiment|tone)|[""“][^""”\n]{1,300}[""”])[^.,!?\n]{0,40}? (?<list>\w+(, \w+)*,? or \w+))\s*([.:;!?]|\n|$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex List();

    [GeneratedRegex(@"\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+|\s*[/|]\s*|\s*\n\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Separators();
}
