using System.Text.RegularExpressions;
using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Reports;

public sealed partial class HtmlSourceTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Numbers_AreWrittenAsAllReportsWriteThem()
    {
        using var folder = new ReportFolder();
        await File.WriteAllTextAsync(folder.File("blank.html"), "<!doctype html>");
        await using var report = await chromium.OpenAsync(folder.File("blank.html"));
        await using var source = typeof(HtmlReport).Assembly.GetManifestResourceStream("LlmOps.Evaluator.Reports.Html.numbers.js")!;
        var script = await new StreamReader(source).ReadToEndAsync();
        var random = new Random(5);
        double[] values = [0, 1, 0.5, 0.125, 0.001, 0.01, 0.1, 10, 100, 99.95, 0.00099999, 0.0625, 1.125, 12.25, 2.675, 1234.5, 1e-9, 1e-13, .. Enumerable.Range(0, 2000).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-9, 5)))];

        foreach (var (kind, unit) in new[] { (MetricKind.Score, null), (MetricKind.Pass, null), (MetricKind.Amount, "ms"), (MetricKind.Amount, "USD") })
        {
            var metric = new Metric { Name = "m", Type = "m", Kind = kind, Direction = MetricDirection.HigherIsBetter, Unit = unit };
            var shown = await report.EvaluateAsync<string[][]>(
                $"([values, kind, unit]) => {{ {script}\n const metric = {{ kind, unit }}; return values.map(value => [formatValue(value, metric), formatDifference(value, metric), formatDifferenceInterval({{ low: value, high: value }}, metric), formatNumber(value)]); }}",
                new object?[] { values, kind.ToString(), unit });

            shown.ShouldBe(values.Select(value => new[] { ReportNumbers.Value(value, metric), ReportNumbers.Difference(value, metric), ReportNumbers.DifferenceInterval(new Interval(value, value), metric), ReportNumbers.Number(value) }));
        }
    }

    [Fact]
    public async Task Page_HoldsNoAddressAndAPolicyForAllItHas()
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Plain(12));

        var page = folder.Text("report.html");

        page.ShouldContain("content=\"default-src 'none'; style-src 'sha256-");
        Place().IsMatch(page).ShouldBeFalse();
        var withoutData = page.Remove(page.IndexOf("id=\"result\">", StringComparison.Ordinal), page.LastIndexOf("<script>", StringComparison.Ordinal) - page.IndexOf("id=\"result\">", StringComparison.Ordinal));
        Address().Matches(withoutData).Select(match => match.Value).Distinct().ShouldBe(["http://www.w3.org/2000/svg"]);
        // An answer cannot end the element that holds the data.
        var data = page[page.IndexOf("id=\"result\">", StringComparison.Ordinal)..page.LastIndexOf("<script>", StringComparison.Ordinal)];
        data.Count(each => each == '<').ShouldBe(1);
    }

    [GeneratedRegex(@"\{\{\w+\}\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"https?://[^\s'""<>%]+")]
    private static partial Regex Address();
}
