using System.Globalization;
using System.Text;
using System.Xml.Linq;
using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Reports;

public sealed class TableReportsTests
{
    [Fact]
    public async Task Csv_HasARowForEachAnswerWithItsScores()
    {
        var result = SampleResults.Create();
        using var folder = await ReportFolder.OfAsync(result);

        var rows = Rows(folder.Text("report.csv"));

        rows.Count.ShouldBe(1 + (48 * 3 * 2));
        rows.ShouldAllBe(row => row.Length == rows[0].Length);
        var answers = result.Cases.SelectMany(each => each.Answers, (each, answer) => (each, answer)).ToArray();
        for (var index = 0; index < answers.Length; index++)
        {
            var (row, (each, answer)) = (rows[index + 1], answers[index]);
            row[Column(rows, "case")].ShouldBe(each.Id);
            row[Column(rows, "variant")].ShouldBe(answer.Variant);
            row[Column(rows, "failure")].ShouldBe(answer.Failure ?? "");
            foreach (var metric in result.Metrics)
            {
                var shown = row[Column(rows, $"score_{metric.Name}")];
                (shown.Length == 0 ? null : (double?)double.Parse(shown, CultureInfo.InvariantCulture)).ShouldBe(answer.Scores.GetValueOrDefault(metric.Name)?.Value);
            }
        }
    }

    [Fact]
    public async Task Csv_RunsNothingInASpreadsheetAndHoldsEveryText()
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Create());

        var rows = Rows(folder.Text("report.csv"));

        var answer = Column(rows, "answer");
        rows.Skip(1).Select(row => row[answer]).ShouldAllBe(text => text.Length == 0 || !"=+-@\t\r".Contains(text[0], StringComparison.Ordinal));
        rows.Select(row => row[answer]).ShouldContain($"'=1+1 {SampleResults.Script}");
        rows.Select(row => row[answer]).ShouldContain("control \u0001\u0008 characters \uFFFD and\na line break\twith a tab");
    }

    [Fact]
    public async Task JUnit_FailsWhereAVariantIsWorse()
    {
        var result = SampleResults.Create();
        using var folder = await ReportFolder.OfAsync(result);

        var suites = XDocument.Load(folder.File("report.xml")).Root!.Elements("testsuite").ToArray();

        suites.Select(suite => suite.Attribute("name")!.Value).ShouldBe(["gate", "v2", "v3"]);
        foreach (var comparison in result.Comparisons.Where(comparison => comparison.Tag is null))
        {
            var test = suites.Single(suite => suite.Attribute("name")!.Value == comparison.Variant).Elements("testcase").Single(test => test.Attribute("name")!.Value == comparison.Metric);
            var outcome = test.Elements().Single().Name.LocalName;
            outcome.ShouldBe(comparison switch { { Verdict: Verdict.Worse } => "failure", { Missing: > 0 } => "error", { Verdict: Verdict.TooFewCases } => "skipped", _ => "system-out" });
            test.Value.ShouldContain(comparison.Words);
        }

        foreach (var suite in suites)
        {
            suite.Attribute("failures")!.Value.ShouldBe(suite.Descendants("failure").Count().ToString(CultureInfo.InvariantCulture));
            suite.Attribute("errors")!.Value.ShouldBe(suite.Descendants("error").Count().ToString(CultureInfo.InvariantCulture));
            suite.Attribute("tests")!.Value.ShouldBe(suite.Elements("testcase").Count().ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task JUnit_HoldsTextsThatXmlCannot()
    {
        var result = SampleResults.Single();
        using var folder = await ReportFolder.OfAsync(result with { Gate = new GateOutcome(GateStatus.Regression, [new RuleOutcome("a \u0001 rule \uD800 😀", false, "]]> \u0000 \uFFFF")], []) });

        var test = XDocument.Load(folder.File("report.xml")).Descendants("testcase").Single();

        test.Attribute("name")!.Value.ShouldBe("a \uFFFD rule \uFFFD 😀");
        test.Element("failure")!.Value.ShouldBe("]]> \uFFFD \uFFFD");
    }

    private static int Column(List<string[]> rows, string name) => Array.IndexOf(rows[0], name);

    // RFC 4180, read strictly.
    private static List<string[]> Rows(string csv)
    {
        List<string[]> rows = [];
        List<string> row = [];
        var field = new StringBuilder();
        for (var at = 0; at < csv.Length; at++)
        {
            if (csv[at] == '"')
            {
                for (at++; csv[at] != '"' || (at + 1 < csv.Length && csv[at + 1] == '"'); at++)
                {
                    field.Append(csv[at]);
                    at += csv[at] == '"' ? 1 : 0;
                }
            }
            else if (csv[at] is ',' or '\r')
            {
                row.Add(field.ToString());
                field.Clear();
                if (csv[at] == '\r')
                {
                    csv[++at].ShouldBe('\n');
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
            else
            {
                csv[at].ShouldNotBe('\n');
                field.Append(csv[at]);
            }
        }

        field.Length.ShouldBe(0);
        return rows;
    }
}
