using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Caching.Semantic;

namespace LlmOps.Benchmarks.Semantic;

/// <summary>How the verifier judges labelled pairs of questions: none that are not the same may be given each other's answers.</summary>
internal sealed class PairsScore(IReadOnlyList<string> files, bool showsMisses)
{
    /// <summary>The pairs that come with the project.</summary>
    public const string Own = "pairs.jsonl";

    /// <summary>Reads the options; null where they are not understood.</summary>
    public static PairsScore? Parse(string[] options)
    {
        var files = options.Where(option => option != "--misses").ToList();
        return files.Any(file => file.StartsWith('-')) ? null : new PairsScore(files.Count > 0 ? files : [Path.Combine(AppContext.BaseDirectory, Own)], options.Contains("--misses"));
    }

    /// <summary>Scores, and prints; true where there was no false hit.</summary>
    public bool Run()
    {
        var (found, same, wrong, others) = (0, 0, 0, 0);
        var reasons = new SortedDictionary<string, int>();
        var recall = new SortedDictionary<string, (int Found, int All)>();
        foreach (var pair in files.SelectMany(Read))
        {
            // Whichever of them was asked first.
            var refusal = WordsVerifier.Refusal(pair.A, pair.B) ?? WordsVerifier.Refusal(pair.B, pair.A);
            if (pair.IsSame)
            {
                same++;
                found += refusal is null ? 1 : 0;
                var kind = recall.GetValueOrDefault(pair.Kind);
                recall[pair.Kind] = (kind.Found + (refusal is null ? 1 : 0), kind.All + 1);
                if (refusal is not null && showsMisses)
                {
                    Console.WriteLine($"MISSED ({pair.Kind}; {refusal})\n  {pair.A}\n  {pair.B}");
                }
            }
            else
            {
                others++;
                if (refusal is null)
                {
                    wrong++;
                    Console.WriteLine($"FALSE HIT ({pair.Kind})\n  {pair.A}\n  {pair.B}");
                }
                else
                {
                    reasons[refusal] = reasons.GetValueOrDefault(refusal) + 1;
                }
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{same + others} pairs: {same} that ask the same, {others} that do not"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"false hits {wrong}, recall {found}/{same} ({100.0 * found / Math.Max(same, 1):0.0} %)"));
        Console.WriteLine("recall by kind: " + string.Join(", ", recall.Select(kind => $"{kind.Key} {kind.Value.Found}/{kind.Value.All}")));
        Console.WriteLine("refused for: " + string.Join(", ", reasons.OrderByDescending(reason => reason.Value).Select(reason => $"{reason.Key} {reason.Value}")));
        return wrong == 0;
    }

    private static IEnumerable<Pair> Read(string file)
    {
        foreach (var line in File.ReadLines(file).Where(line => line.Trim().Length > 0))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            yield return new Pair(
                root.GetProperty("a").GetString()!, root.GetProperty("b").GetString()!, root.GetProperty("same").GetBoolean(),
                root.TryGetProperty("kind", out var kind) ? kind.GetString() ?? "" : "");
        }
    }

    private sealed record Pair(string A, string B, bool IsSame, string Kind);
}
