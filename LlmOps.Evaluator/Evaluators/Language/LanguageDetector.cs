using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>
/// Tells the language of a text: by its script, and where several languages share that, by their frequent words and their
/// letters (after Grefenstette, 1995: Comparing two language identification schemes).
/// </summary>
internal static partial class LanguageDetector
{
    // Fewer letters say too little; a sign of Chinese, Japanese or Korean is worth three. What comes after so many characters says nothing new.
    private const int FewestLetters = 18;
    private const int MostCharacters = 20_000;

    // Of the letters, those in the text's main script.
    private const double MainShare = 0.6;

    /// <summary>All codes that are known.</summary>
    public static IReadOnlySet<string> Codes { get; } = Script.All.SelectMany(script => script.Group.Languages).SelectMany(language => language.Codes).ToHashSet(StringComparer.Ordinal);

    /// <summary>The codes of the language of a text, its own first, then those that are not told from it; null where it cannot be said: too short, mixed, or none that is known.</summary>
    public static IReadOnlyList<string>? Detect(string text)
    {
        var plain = Foreign().Replace(text.Length > MostCharacters ? text[..MostCharacters] : text, " ");
        var letters = plain.EnumerateRunes().Select(Script.Find).OfType<Script>().GroupBy(script => script.Group)
            .ToDictionary(group => group.Key, group => group.Sum(script => script.Weight));
        var all = letters.Values.Sum();
        if (all < FewestLetters)
        {
            return null;
        }

        // Japanese has Chinese characters; Chinese has no kana, but for a name or two.
        var (han, kana) = (letters.GetValueOrDefault(Script.Han.Group), letters.GetValueOrDefault(Script.Kana.Group));
        if (kana * 10 > han)
        {
            letters.Remove(Script.Han.Group);
            letters[Script.Kana.Group] = han + kana;
        }

        var (languages, count) = letters.MaxBy(script => script.Value);
        return count < MainShare * all ? null : languages.Find([.. Words.Of(plain)])?.Codes;
    }

    // Code, placeholders and addresses are in no language.
    [GeneratedRegex(@"`[^`]*`|\{\{?[\w. ]*\}\}?|<[^<>]*>|https?://\S+|[\w.+-]{1,64}@[\w.-]+|%\w", RegexOptions.CultureInvariant)]
    private static partial Regex Foreign();
}
