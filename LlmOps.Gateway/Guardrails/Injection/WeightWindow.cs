using System.Runtime.InteropServices;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Adds up the weights of rules that fire close to each other, each rule once: what is pages apart in a long document is no evidence
/// together.
/// </summary>
internal static class WeightWindow
{
    // In words. What speaks against an attack speaks for what stands beside it alone, or it could be put at the end of any attack.
    private const int Width = 250;
    private const int Beside = 15;

    /// <summary>The highest sum, and the rules in it.</summary>
    public static InjectionVerdict Verdict(List<(int Start, int Rule, double Weight)> matches, IReadOnlyList<string> names)
    {
        matches.Sort();
        Lessen(CollectionsMarshal.AsSpan(matches));
        var fired = new List<(int Start, int Rule, double Weight)>();
        var (best, rules) = (0.0, Array.Empty<int>());
        foreach (var match in matches.Where(match => match.Weight > 0))
        {
            fired.RemoveAll(earlier => match.Start - earlier.Start > Width);
            var same = fired.FindIndex(earlier => earlier.Rule == match.Rule);
            if (same < 0)
            {
                fired.Add(match);
            }
            else if (match.Weight >= fired[same].Weight)
            {
                fired[same] = match;
            }

            var sum = fired.Sum(each => each.Weight);
            if (sum > best)
            {
                (best, rules) = (sum, [.. fired.Select(each => each.Rule)]);
            }
        }

        return rules.Length == 0 ? InjectionVerdict.Clean : new InjectionVerdict(Math.Round(best, 3), [.. rules.Select(rule => names[rule])]);
    }

    private static void Lessen(Span<(int Start, int Rule, double Weight)> matches)
    {
        for (var index = 0; index < matches.Length; index++)
        {
            if (matches[index].Weight >= 0)
            {
                continue;
            }

            var (start, weight) = (matches[index].Start, matches[index].Weight);
            for (var other = index - 1; other >= 0 && start - matches[other].Start <= Beside; other--)
            {
                Lessen(ref matches[other].Weight, weight);
            }

            for (var other = index + 1; other < matches.Length && matches[other].Start - start <= Beside; other++)
            {
                Lessen(ref matches[other].Weight, weight);
            }
        }
    }

    private static void Lessen(ref double weight, double by) => weight = weight > 0 ? Math.Max(0, weight + by) : weight;
}
