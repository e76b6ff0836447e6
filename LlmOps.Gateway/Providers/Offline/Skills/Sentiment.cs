using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>How favourable a text is, by the words it uses.</summary>
internal static class Sentiment
{
    private static readonly HashSet<string> Good = Stems(
        "good great excellent amazing awesome wonderful fantastic love loved like liked enjoy enjoyed happy glad pleased delighted perfect best better nice brilliant superb "
        + "outstanding recommend helpful friendly fast easy impressive beautiful satisfied success successful win thanks thank reliable pleasant positive smooth worth comfortable");

    private static readonly HashSet<string> Bad = Stems(
        "bad terrible awful horrible hate hated dislike poor worst worse broken disappointing disappointed sad angry slow useless waste fail failed failure problem annoying "
        + "ugly unhappy unacceptable rude expensive crash crashed bug error wrong refund never complaint frustrating frustrated negative difficult dirty unreliable boring damaged late");

    private static readonly HashSet<string> Negations = ["not", "no", "never", "isn't", "wasn't", "don't", "didn't", "doesn't", "hardly", "can't", "won't", "aren't"];

    /// <summary>Above zero for favourable, below for unfavourable, zero for neither. A negation turns the next three words around.</summary>
    public static int Of(string text)
    {
        int score = 0;
        int negated = 0;
        foreach (string word in Words.Of(text))
        {
            string stem = Words.Stem(word);
            int value = Good.Contains(stem) ? 1 : Bad.Contains(stem) ? -1 : 0;
            score += negated > 0 ? -value : value;
            negated = Negations.Contains(word) ? 3 : negated - 1;
        }

        return score;
    }

    /// <summary>What an option says: 1 favourable, -1 unfavourable, 0 neither; null if it is about something else.</summary>
    public static int? OfOption(string option) => option.Trim().ToLowerInvariant() switch
    {
        "positive" or "pos" or "good" or "happy" or "favorable" or "favourable" or "very positive" or "satisfied" => 1,
        "negative" or "neg" or "bad" or "unhappy" or "sad" or "unfavorable" or "unfavourable" or "very negative" or "dissatisfied" => -1,
        "neutral" or "mixed" or "none" or "neither" or "unknown" or "other" => 0,
        _ => null,
    };

    private static HashSet<string> Stems(string words) => words.Split(' ').Where(word => word != "never").Select(Words.Stem).ToHashSet(StringComparer.Ordinal);
}
