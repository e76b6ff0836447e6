using System.Text.Json;

namespace LlmOps.Tests.Evaluator.Reports;

/// <summary>A table of verdicts as a report shows it, held against report.json.</summary>
internal static class ShownVerdicts
{
    private static readonly Dictionary<string, string> Words = new()
    {
        ["Better"] = "▲ better",
        ["Worse"] = "▼ worse",
        ["NoDifference"] = "= no difference found",
        ["TooFewCases"] = "? too few cases",
    };

    /// <summary>Asserts that every number is that of the JSON, and that no comparison over all cases is left out.</summary>
    /// <param name="json">report.json.</param>
    /// <param name="variant">Whose verdicts they are.</param>
    /// <param name="rows">Metric, baseline, variant, difference with its interval, verdict.</param>
    public static void ShouldBeOf(string json, string variant, IReadOnlyList<string[]> rows)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        JsonElement[] comparisons = [.. root.GetProperty("comparisons").EnumerateArray().Where(each => each.GetProperty("variant").GetString() == variant && !each.TryGetProperty("tag", out _))];
        rows.Select(row => row[0]).ShouldBe(comparisons.Select(each => each.GetProperty("metric").GetString()), ignoreOrder: true);
        foreach (var row in rows)
        {
            var comparison = comparisons.Single(each => each.GetProperty("metric").GetString() == row[0]);
            var metric = root.GetProperty("metrics").EnumerateArray().Single(each => each.GetProperty("name").GetString() == row[0]);
            var isRate = metric.GetProperty("kind").GetString() == "Pass";
            var difference = row[3].Split(" (")[0];
            ShownNumber.ShouldBeOf(row[1], comparison.GetProperty("baseline_mean").GetDouble(), isRate);
            ShownNumber.ShouldBeOf(row[2], comparison.GetProperty("variant_mean").GetDouble(), isRate);
            ShownNumber.ShouldBeOf(difference, comparison.GetProperty("difference").GetDouble(), isRate);
            if (comparison.TryGetProperty("interval", out var interval))
            {
                var ends = row[3].Split(" (")[1].TrimEnd(')').Split(" to ");
                ShownNumber.ShouldBeOf(ends[0], interval.GetProperty("low").GetDouble(), isRate);
                ShownNumber.ShouldBeOf(ends[1], interval.GetProperty("high").GetDouble(), isRate);
            }

            row[4].ShouldBe(Words[comparison.GetProperty("verdict").GetString()!]);
        }
    }
}
