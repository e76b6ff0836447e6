namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>Takes sentences apart where a list needs more points than a text has sentences.</summary>
internal static class Clauses
{
    private static readonly string[] Joints = ["; ", ": ", " – ", " — ", ", and ", ", but ", ", while ", ", which ", ", ", " and ", " but ", " because "];

    /// <summary>At least <paramref name="count"/> parts if they can be had, in order: the longest part is split first, near its middle.</summary>
    public static List<string> Of(IEnumerable<string> sentences, int count)
    {
        var parts = sentences.ToList();
        while (parts.Count < count)
        {
            int longest = Enumerable.Range(0, parts.Count).Where(i => Middle(parts[i]) is not null).OrderByDescending(i => parts[i].Length).FirstOrDefault(-1);
            if (longest < 0 || Middle(parts[longest]) is not var (at, length))
            {
                return parts;
            }

            string whole = parts[longest];
            parts[longest] = whole[..at];
            parts.Insert(longest + 1, char.ToUpperInvariant(whole[at + length]) + whole[(at + length + 1)..]);
        }

        return parts;
    }

    private static (int At, int Length)? Middle(string sentence)
    {
        foreach (string joint in Joints)
        {
            (int At, int Length)? best = null;
            for (int at = sentence.IndexOf(joint, StringComparison.Ordinal); at >= 0; at = sentence.IndexOf(joint, at + 1, StringComparison.Ordinal))
            {
                bool parts = at > 0 && at + joint.Length < sentence.Length;
                if (parts && (best is null || Math.Abs(at - (sentence.Length / 2)) < Math.Abs(best.Value.At - (sentence.Length / 2))))
                {
                    best = (at, joint.Length);
                }
            }

            if (best is not null)
            {
                return best;
            }
        }

        return null;
    }
}
