using System.Text;

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
    public double Of(string answer, IReadOnlyList<string> references) => references.Select(reference => Score(Matches(answer, reference))).DefaultIfEmpty(0).Max();

    /// <summary>How many n-grams an answer and a reference have, and have in common, by their length. Sums of them are those of a corpus.</summary>
    public IReadOnlyList<(int Answer, int Reference, int InCommon)> Matches(string answer, string reference) =>
        [.. Matches(Characters(answer), Characters(reference), CharacterOrder), .. wordOrder == 0 ? [] : Matches(Words(answer), Words(reference), wordOrder)];

    /// <summary>The score of such counts, 0 to 1: of the means of precision and recall over the lengths that both have n-grams of.</summary>
    public double Score(IReadOnlyList<(int Answer, int Reference, int InCommon)> matches)
    {
        var effective = matches.Where(each => each.Answer > 0 && each.Reference > 0).Select(each => Overlap.Of(each.InCommon, each.Answer, each.Reference)).ToList();
        return effective.Count == 0 ? 0 : new Overlap(effective.Average(each => each.Precision), effective.Average(each => each.Recall)).F(beta);
    }

    private static IEnumerable<(int Answer, int Reference, int InCommon)> Matches<T>(IReadOnlyList<T> answer, IReadOnlyList<T> reference, int longest)
        where T : notnull => NGrams.InCommon(answer, [reference], longest)
            .Select((inCommon, index) => (NGrams.Count(answer.Count, index + 1), NGrams.Count(reference.Count, index + 1), inCommon));

    private List<Rune> Characters(string text) => [.. text.EnumerateRunes().Where(rune => keepsSpace || !Rune.IsWhiteSpace(rune))];

    private static List<string> Words(string text) => [.. Tokens.BySpace(text).SelectMany(WithoutMark)];

    // A mark at the end of a word is one of its own, else one at its start.
    private static string[] WithoutMark(string word) =>
        word.Length == 1 ? [word] : Punctuation.Contains(word[^1]) ? [word[..^1], word[^1..]] : Punctuation.Contains(word[0]) ? [word[..1], word[1..]] : [word];
}
