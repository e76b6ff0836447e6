namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>The n-grams of a text.</summary>
/// <param name="Counts">How often each occurs.</param>
/// <param name="Total">How many there are.</param>
internal sealed record NGrams(IReadOnlyDictionary<string, int> Counts, int Total)
{
    /// <summary>How many two texts have in common: of each the lower of its counts.</summary>
    public int InCommonWith(NGrams other) => InCommon(Counts, other.Counts);

    /// <summary>Of each text in several such counts its highest one (the clipping of BLEU with several references).</summary>
    public static IReadOnlyDictionary<string, int> Highest(IEnumerable<NGrams> texts)
    {
        var highest = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (gram, count) in texts.SelectMany(text => text.Counts))
        {
            highest[gram] = Math.Max(highest.GetValueOrDefault(gram), count);
        }

        return highest;
    }

    /// <summary>Of each n-gram the lower of its counts, summed.</summary>
    public static int InCommon(IReadOnlyDictionary<string, int> one, IReadOnlyDictionary<string, int> other) =>
        one.Sum(gram => Math.Min(gram.Value, other.GetValueOrDefault(gram.Key)));
}
