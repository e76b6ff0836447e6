namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>What tells a language from others of its script.</summary>
/// <param name="Codes">Its ISO 639-1 code first, then those of languages that are not told from it.</param>
/// <param name="Letters">Its letters beyond those that all of its script have.</param>
/// <param name="Words">Its most frequent words, in lower case.</param>
internal sealed record LanguageProfile(IReadOnlyList<string> Codes, IReadOnlySet<char> Letters, IReadOnlySet<string> Words)
{
    /// <summary>Reads profiles, each in three lines: codes, letters (a dash for none), words.</summary>
    public static IReadOnlyList<LanguageProfile> Read(string text) =>
        [.. text.Split('\n').Chunk(3).Select(lines => new LanguageProfile(lines[0].Split(' '), lines[1].Where(char.IsLetter).ToHashSet(), lines[2].Split(' ').ToHashSet(StringComparer.Ordinal)))];
}
