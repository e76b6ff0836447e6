using System.Collections.Frozen;

namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>The word lists: reviewed text files beside this one, each with its rules on top.</summary>
internal static class Lexicon
{
    // What a verb's past and participle are called, so that they stay other words than the present.
    private static readonly string[] Pasts = ["+ed", "+en"];

    static Lexicon()
    {
        (Names, NamePhrases) = ReadNames();
        (Verbs, var verbs) = ReadVerbs();
        Synonyms = Lines("synonyms.txt").Select(line => line.Split(' '))
            .SelectMany(group => group.Skip(1).Select(word => KeyValuePair.Create(word, group[0]))).ToFrozenDictionary();
        (Rewrites, var classes) = RewriteRule.Read(Lines("rewrites.txt"));
        Languages = classes["LANG"].ToFrozenSet();
        BaseVerbs = verbs.Concat(classes["TEXT"]).ToFrozenSet();
        Systems = classes["OS"].ToFrozenSet();
    }

    /// <summary>Names of one word that mean nothing else in lower case, with the form that stands for them.</summary>
    public static FrozenDictionary<string, string> Names { get; }

    /// <summary>Names of several words, by the first of them.</summary>
    public static FrozenDictionary<string, (string[] Words, string Name)[]> NamePhrases { get; }

    /// <summary>Forms of verbs, with what stands for them: "writing" is "write", "wrote" is "write+ed".</summary>
    public static FrozenDictionary<string, string> Verbs { get; }

    /// <summary>Verbs as a command uses them.</summary>
    public static FrozenSet<string> BaseVerbs { get; }

    /// <summary>Words with the one that says the same.</summary>
    public static FrozenDictionary<string, string> Synonyms { get; }

    /// <summary>Phrases with those that say the same.</summary>
    public static IReadOnlyList<RewriteRule> Rewrites { get; }

    /// <summary>Languages and tools of programmers.</summary>
    public static FrozenSet<string> Languages { get; }

    /// <summary>Operating systems.</summary>
    public static FrozenSet<string> Systems { get; }

    private static IEnumerable<string> Lines(string file)
    {
        using var stream = typeof(Lexicon).Assembly.GetManifestResourceStream($"LlmOps.Gateway.Caching.Semantic.Words.{file}")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }

    private static (FrozenDictionary<string, string>, FrozenDictionary<string, (string[], string)[]>) ReadNames()
    {
        var words = new Dictionary<string, string>();
        var phrases = new List<(string[] Words, string Name)>();
        foreach (var entry in Lines("names.txt").SelectMany(line => line.Split(", ")))
        {
            var spellings = entry.Split(" = ");
            var name = spellings[0].Replace(' ', '_');
            foreach (var spelling in spellings)
            {
                if (spelling.Contains(' ', StringComparison.Ordinal))
                {
                    phrases.Add((spelling.Split(' '), name));
                }
                else
                {
                    words[spelling] = name;
                }
            }
        }

        return (words.ToFrozenDictionary(), phrases.GroupBy(phrase => phrase.Words[0]).ToFrozenDictionary(
            group => group.Key, group => group.OrderByDescending(phrase => phrase.Words.Length).ToArray()));
    }

    private static (FrozenDictionary<string, string>, HashSet<string>) ReadVerbs()
    {
        var forms = new Dictionary<string, string>();
        var verbs = new HashSet<string>();
        foreach (var entry in Lines("verbs.txt").SelectMany(line => line.Split(' ')))
        {
            var bracket = entry.IndexOf('[', StringComparison.Ordinal);
            var pasts = bracket < 0 ? [] : entry[(bracket + 1)..entry.IndexOf(']', StringComparison.Ordinal)].Split(',');
            var verb = (bracket < 0 ? entry : entry[..bracket]).TrimEnd('-');
            verbs.Add(verb);
            if (entry[^1] != '-')
            {
                forms.TryAdd(Stem(verb, dropsE: true) + "ing", verb);
            }

            if (pasts.Length == 0)
            {
                pasts = [verb[^1] == 'e' ? verb + "d" : verb[^1] == 'y' && Consonant(verb, verb.Length - 2) ? verb[..^1] + "ied" : Stem(verb, dropsE: false) + "ed"];
            }

            foreach (var (past, mark) in pasts.Zip(Pasts).Where(each => each.First != verb))
            {
                forms.TryAdd(past, verb + mark);
            }
        }

        return (forms.ToFrozenDictionary(), verbs);
    }

    // stop, stopping: one vowel between two consonants, in a short word or one that is stressed at its end.
    private static string Stem(string verb, bool dropsE)
    {
        if (dropsE && verb.EndsWith("ie", StringComparison.Ordinal))
        {
            return verb[..^2] + "y";
        }

        if (dropsE && verb[^1] == 'e' && !verb.EndsWith("ee", StringComparison.Ordinal) && verb.Length > 2)
        {
            return verb[..^1];
        }

        var doubles = verb.Length is 3 or 4 && Consonant(verb, verb.Length - 1) && verb[^1] is not ('w' or 'x' or 'y') && !Consonant(verb, verb.Length - 2) && Consonant(verb, verb.Length - 3);
        return doubles || verb is "begin" or "forget" or "defer" or "refer" or "transfer" or "prefer" or "submit" or "commit" or "admit" or "split" or "reset" or "infer" or "format" or "debug"
            ? verb + verb[^1]
            : verb;
    }

    private static bool Consonant(string word, int at) => word[at] is not ('a' or 'e' or 'i' or 'o' or 'u');
}
