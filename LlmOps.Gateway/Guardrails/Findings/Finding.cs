namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>What a detector found in a text.</summary>
/// <param name="Rule">What it is; the gateway's own are in <see cref="FindingRules"/>.</param>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="Length">Its length, in UTF-16 units.</param>
internal readonly record struct Finding(string Rule, int Start, int Length)
{
    /// <summary>Where the text goes on.</summary>
    public int End => Start + Length;

    /// <summary>What detectors find in a whole text, from left to right and apart; the same as a <see cref="TextWindow"/> finds in its pieces.</summary>
    public static List<Finding> In(ReadOnlySpan<char> text, IReadOnlyList<ITextDetector> detectors)
    {
        var findings = new List<Finding>();
        for (var index = 0; index < detectors.Count; index++)
        {
            detectors[index].Find(text, 0, findings);
        }

        KeepApart(findings);
        return findings;
    }

    /// <summary>Sorts candidates and removes those that overlap an earlier one; of those that begin at the same place the longest stays.</summary>
    public static void KeepApart(List<Finding> candidates)
    {
        if (candidates.Count < 2)
        {
            return;
        }

        candidates.Sort(Compare);
        var (kept, end) = (0, 0);
        for (var index = 0; index < candidates.Count; index++)
        {
            var candidate = candidates[index];
            if (candidate.Start >= end)
            {
                candidates[kept++] = candidate;
                end = candidate.End;
            }
        }

        candidates.RemoveRange(kept, candidates.Count - kept);
    }

    private static int Compare(Finding one, Finding other)
    {
        var order = one.Start.CompareTo(other.Start);
        order = order != 0 ? order : other.Length.CompareTo(one.Length);
        return order != 0 ? order : FindingRules.Rank(one.Rule).CompareTo(FindingRules.Rank(other.Rule));
    }
}
