using LlmOps.Gateway.Providers.Offline.Maths;
using LlmOps.Gateway.Providers.Offline.Language;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline.Tools;

/// <summary>How well a tool fits a message, by the words they share.</summary>
/// <param name="Score">Shared words; those of the name count more.</param>
/// <param name="IsPlain">Whether it fits plainly enough to be called unasked.</param>
internal readonly record struct ToolFit(int Score, bool IsPlain)
{
    /// <summary>How much of a message and of a description is read, in UTF-16 units.</summary>
    private const int MaxScanned = 2_000;

    // Words that say nothing of what a tool is for.
    private static readonly HashSet<string> Generic = Stems(
        "get set fetch retrieve return returns tell give show tool function api call use using make do run current currently given provide provides information info data value name "
        + "user based specified input output result perform execute query want need know like new one way today now tomorrow please thing something help allow allows");

    private static readonly (string Stem, string[] Also)[] Synonyms =
    [
        ("weather", ["forecast", "temperature", "rain", "sunny", "snow"]),
        ("email", ["mail", "e-mail"]),
        ("calculat", ["calculate", "compute", "math", "arithmetic"]),
        ("search", ["google", "look up", "lookup"]),
        ("time", ["clock", "o'clock"]),
    ];

    /// <summary>Compares a tool with a message.</summary>
    public static ToolFit Of(AIFunctionDeclaration tool, string message)
    {
        var asked = Stemmed(message[..Math.Min(message.Length, MaxScanned)]);
        var implied = new HashSet<string>(StringComparer.Ordinal);
        if (Arithmetic.Find(message) is not null)
        {
            implied.Add("calculat");
        }

        foreach (var (stem, also) in Synonyms)
        {
            if (also.Any(word => Words.Mentions(message[..Math.Min(message.Length, MaxScanned)], word)))
            {
                implied.Add(stem);
            }
        }

        var name = Identifiers.Words(tool.Name).Select(Normal).Where(stem => !Generic.Contains(stem)).ToHashSet(StringComparer.Ordinal);
        var described = Stemmed(tool.Description[..Math.Min(tool.Description.Length, MaxScanned)]);
        described.ExceptWith(name);
        int named = name.Count(stem => asked.Contains(stem) || implied.Contains(stem));
        int mentioned = described.Count(stem => asked.Contains(stem) || implied.Contains(stem));
        bool plain = !ToolRequest.IsNone(message, tool) && ((named > 0 && (named * 2 >= name.Count || mentioned > 0)) || mentioned > 1);

        // "Add 3 and 4" says the name of one tool and only implies a calculator.
        return new ToolFit((named * 3) + mentioned - name.Count(stem => !asked.Contains(stem) && implied.Contains(stem)), plain);
    }

    /// <summary>Whether a word, in any case, is part of what a tool is rather than of what it is asked about.</summary>
    public static bool IsAbout(AIFunctionDeclaration tool, string word)
    {
        string stem = Normal(word.ToLowerInvariant());
        return Generic.Contains(stem) || Identifiers.Words(tool.Name).Select(Normal).Contains(stem) || Stemmed(tool.Description[..Math.Min(tool.Description.Length, MaxScanned)]).Contains(stem)
            || Synonyms.Any(synonym => synonym.Also.Contains(word, StringComparer.OrdinalIgnoreCase) && Identifiers.Words(tool.Name).Select(Normal).Contains(synonym.Stem));
    }

    // "calculator", "calculation" and "math" are all about calculating.
    private static string Normal(string word) => word is "math" or "arithmetic" or "evaluate" ? "calculat" : Words.Stem(word);

    private static HashSet<string> Stemmed(string text) =>
        [.. Words.Of(text).Where(word => !StopWords.Contains(word)).SelectMany(Identifiers.Words).Select(Normal).Where(stem => stem.Length > 1 && !Generic.Contains(stem))];

    private static HashSet<string> Stems(string words) => [.. words.Split(' ').Select(Words.Stem)];
}
