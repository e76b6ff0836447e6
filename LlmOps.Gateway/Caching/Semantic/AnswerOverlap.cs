namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>How much two answers have in common.</summary>
/// <param name="Share">F1 of their words without the commonest ones, each as often as it occurs (as in SQuAD, Rajpurkar et al., 2016), 0 to 1.</param>
/// <param name="IsIdentical">Whether all words are the same, in the same order.</param>
internal readonly record struct AnswerOverlap(double Share, bool IsIdentical)
{
    // Models word the same answer anew each time; two answers to different questions have less than a third in common.
    private const double Enough = 0.5;

    /// <summary>Whether they may be taken to say the same: half of their words in common.</summary>
    public bool Agrees => Share >= Enough;

    /// <summary>Compares two answers.</summary>
    public static AnswerOverlap Of(string one, string other)
    {
        var identical = Providers.Offline.Language.Words.Of(one).SequenceEqual(Providers.Offline.Language.Words.Of(other));
        var (left, right) = (Bag(one), Bag(other));
        var common = left.Sum(word => Math.Min(word.Value, right.GetValueOrDefault(word.Key)));
        var all = left.Values.Sum() + right.Values.Sum();
        return new AnswerOverlap(identical ? 1 : all == 0 ? 0 : 2.0 * common / all, identical);
    }

    private static Dictionary<string, int> Bag(string text) =>
        Providers.Offline.Language.Words.Content(text).GroupBy(word => word).ToDictionary(group => group.Key, group => group.Count());
}
