namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>chrF (Popović, 2015), and chrF++ with words (Popović, 2017), as sacrebleu computes them.</summary>
/// <param name="wordOrder">The longest n-grams of words, 0 for chrF, 2 for chrF++.</param>
/// <param name="beta">How many times as much recall counts as precision; 2 in chrF2.</param>
/// <param name="keepsSpace">Whether white space counts as characters.</param>
internal sealed class ChrF(int wordOrder = 0, double beta = 2, bool keepsSpace = false)
{
    private const int CharacterOrder = 6;

    // Python's string.punctuation.
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The best of an answer's scores by each reference, 0 to 1.</summary>
    public double Of(string answer, IReadOnlyList<string> references)
    {
        var given = Counts(answer);
        return references.Select(reference => Score(Matches(given, Counts(reference)))).DefaultIfEmpty(0).Max();
    }

    /// <summary>How many n-grams an answer and a reference have, and have in common, by their length. Sums of them are those of a corpus.</summary>
    public IReadOnlyList<(int Answer, int Reference, int InCommon)> Matches(string answer, string reference) => Matches(Counts(answer), Counts(reference));

    /// <summary>The score of such counts, 0 to 1: of the means of precision and recall over the lengths that both have n-grams of.</summary>
    public double Score(IReadOnlyList<(int Answer, int Reference, int InCommon)> matches)
    {
        var effective = matches.Where(each => each.Answer > 0 && each.Reference > 0).Select(each => Overlap.Of(each.InCommon, each.Answer, each.Reference)).ToList();
        return effective.Count == 0 ? 0 : new Overlap(effective.Average(each => each.Precision), effective.Average(each => each.Recall)).F(beta);
    }

    private static List<(int Answer, int Reference, int InCommon)> Matches(IEnumerable<NGrams> answer, IEnumerable<NGrams> reference) =>
        [.. answer.Zip(reference, (given, wanted) => (given.Total, wanted.Total, given.InCommonWith(wanted)))];

    private List<NGrams> Counts(string text)
    {
        var characters = Units.OfCharacters(keepsSpace ? text : string.Concat(Tokens.BySpace(text)));
        var words = Units.OfWords([.. Tokens.BySpace(text).SelectMany(WithoutMark)]);
        return [.. Enumerable.Range(1, CharacterOrder).Select(characters.NGrams), .. Enumerable.Range(1, wordOrder).Select(words.NGrams)];
    }

    // A mark at the end of a word is one of its own, else one at its start.
    private static string[] WithoutMark(string word) =>
        word.Length == 1 ? [word] : Punctuation.Contains(word[^1]) ? [word[..^1], word[^1..]] : Punctuation.Contains(word[0]) ? [word[..1], word[1..]] : [word];
}
