namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>The languages of a script, told from each other by their frequent words and their letters.</summary>
internal sealed class LanguageGroup
{
    // The best language must have as much as this, and of what the next one has not, this much and this many times as much as that.
    private const double FewestHits = 1.2;
    private const double HitsPerWord = 0.15;
    private const double FewestLeads = 0.6;
    private const double Lead = 2;

    // What few languages have says more than what many have.
    private readonly Dictionary<string, double> _words;
    private readonly Dictionary<char, double> _letters;

    public LanguageGroup(IReadOnlyList<LanguageProfile> languages)
    {
        Languages = languages;
        _words = languages.SelectMany(language => language.Words).GroupBy(word => word).ToDictionary(group => group.Key, group => 1 / Math.Sqrt(group.Count()), StringComparer.Ordinal);
        _letters = languages.SelectMany(language => language.Letters).GroupBy(letter => letter).ToDictionary(group => group.Key, group => 0.5 / group.Count());
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<LanguageProfile> Languages { get; }

    /// <summary>The language of some words; null where it cannot be said. One that has its script alone is found by that.</summary>
    public LanguageProfile? Find(IReadOnlyList<string> words)
    {
        if (Languages.Count == 1)
        {
            return Languages[0];
        }

        var scores = Languages.Select(language => (Language: language, Score: Score(language, null, words))).OrderByDescending(each => each.Score).Take(2).ToList();
        var ((best, score), (next, _)) = (scores[0], scores[1]);
        var (lead, other) = (Score(best, next, words), Score(next, best, words));
        return score >= Math.Max(FewestHits, HitsPerWord * words.Count) && lead >= FewestLeads && lead >= Lead * other ? best : null;
    }

    // A letter that the language has not speaks against it. What a rival has too is left out.
    private double Score(LanguageProfile language, LanguageProfile? rival, IReadOnlyList<string> words)
    {
        var score = 0.0;
        foreach (var word in words)
        {
            score += language.Words.Contains(word) && rival?.Words.Contains(word) != true ? _words[word] : 0;
            foreach (var letter in word)
            {
                score += language.Letters.Contains(letter) ? rival?.Letters.Contains(letter) == true ? 0 : _letters[letter]
                    : _letters.ContainsKey(letter) || IsLatinBeyondZ(letter) ? -0.5 : 0;
            }
        }

        return score;
    }

    private static bool IsLatinBeyondZ(char letter) => letter is (>= 'À' and <= 'ɏ') or (>= 'Ḁ' and <= 'ỿ');
}
