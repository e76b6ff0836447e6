using System.Globalization;
using System.Text.RegularExpressions;
using System.Text;
using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Chooses strings for the properties of a schema.</summary>
internal static partial class SchemaStrings
{
    /// <summary>Longest string that is made to reach a minimal length, in characters.</summary>
    private const int MaxPadded = 20_000;

    /// <summary>Words of a title.</summary>
    private const int TitleWords = 10;

    private const string Nothing = "none";

    private static readonly HashSet<string> Summaries = ["summary", "abstract", "overview", "description", "synopsis", "tldr"];
    private static readonly HashSet<string> Titles = ["title", "headline", "subject", "heading", "topic"];
    private static readonly HashSet<string> Classes = ["label", "category", "class", "intent"];
    private static readonly HashSet<string> Answers = ["answer", "response", "result", "reply", "reason", "reasoning", "explanation", "rationale", "text", "message", "content", "output", "value", "comment"];

    /// <summary>A string within the lengths, of the format and, where it is simple, of the pattern; null if there is none.</summary>
    public static string? Choose(SchemaView view, string name, AnswerFacts facts)
    {
        int least = view.CountBound("minLength") ?? 0;
        int most = view.CountBound("maxLength") ?? int.MaxValue;
        if (least > most || least > MaxPadded)
        {
            return null;
        }

        if (view.Pattern is { } pattern && PatternSample.For(pattern, facts.Head, least, most) is { } sample)
        {
            return sample;
        }

        if (view.Format is { } format && OfFormat(format, facts.Head) is { } formatted)
        {
            return formatted.Length >= least && formatted.Length <= most ? formatted : null;
        }

        string text = ByName(name, facts) is { Length: > 0 } chosen ? chosen : Nothing;
        return most == 0 ? "" : Padded(WordBudget.Cut(text, null, most), least);
    }

    /// <summary>The first value of a format in a text, else one that stands for none; null for formats not known.</summary>
    public static string? OfFormat(string format, string text) => Found(format, text) ?? format switch
    {
        "date" => "2000-01-01",
        "date-time" => "2000-01-01T00:00:00Z",
        "time" => "00:00:00Z",
        "duration" => "PT0S",
        "email" or "idn-email" => "nobody@example.com",
        "uri" or "url" or "iri" or "uri-reference" => "https://example.com/",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "hostname" => "example.com",
        _ => null,
    };

    /// <summary>The first value of a format in a text; null if there is none.</summary>
    public static string? Found(string format, string text)
    {
        string found = format switch
        {
            "date" => Date().Match(text).Value,
            "date-time" => DateTimes().Match(text).Value,
            "email" or "idn-email" => Email().Match(text).Value,
            "uri" or "url" or "iri" or "uri-reference" => Uris().Match(text).Value.TrimEnd('.', ',', ')', '!', '?', ';', ':'),
            "uuid" => Uuid().Match(text).Value,
            _ => "",
        };
        bool real = format is not ("date" or "date-time") || DateTimeOffset.TryParse(found, CultureInfo.InvariantCulture, out _);
        return found.Length > 0 && real ? found : null;
    }

    private static string ByName(string name, AnswerFacts facts)
    {
        string[] words = [.. Identifiers.Words(name)];
        string? found = words.Any(word => word is "email" or "mail") ? Found("email", facts.Head)
            : words.Any(word => word is "url" or "link" or "website") ? Found("uri", facts.Head)
            : words.Contains("date") ? Found("date", facts.Head)
            : null;
        return found
            ?? (words.Any(Titles.Contains) ? WordBudget.Cut(ExtractiveSummary.KeySentences(facts.Text, 1).FirstOrDefault("").TrimEnd('.'), TitleWords, null)
                : words.Any(Summaries.Contains) ? facts.Summary
                : words.Length == 0 || words.Any(Answers.Contains) ? facts.Gist

                // What the text was put into is what was asked for, where it was put into something.
                : words.Any(Classes.Contains) && facts.Answer is { } answer ? answer
                : facts.TakePhrase() is { } phrase ? phrase

                // A sentence is nobody's name.
                : words.Contains("name") ? Nothing
                : Sentences.Of(facts.Head).FirstOrDefault(""));
    }

    private static string Padded(string text, int least)
    {
        var padded = new StringBuilder(text);
        for (int length = text.EnumerateRunes().Count(); length < least; length++)
        {
            padded.Append('.');
        }

        return padded.ToString();
    }

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Date();

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", RegexOptions.NonBacktracking)]
    private static partial Regex DateTimes();

    [GeneratedRegex(@"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"\bhttps?://[A-Za-z0-9][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{0,500}", RegexOptions.NonBacktracking)]
    private static partial Regex Uris();

    [GeneratedRegex(@"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Uuid();
}
