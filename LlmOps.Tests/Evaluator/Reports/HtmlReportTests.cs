using System.Globalization;
using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;
using Microsoft.Playwright;

namespace LlmOps.Tests.Evaluator.Reports;

public sealed class HtmlReportTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly EvaluationResult Sample = SampleResults.Create();

    [ChromiumTheory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Page_AsksForNothingAndHasNoError(ColorScheme theme, int width)
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"), theme, width);

        // Every part is drawn, and every case opened, before it is said that nothing went wrong.
        await report.EvaluateAsync<object>("document.querySelectorAll('button.case').forEach(button => button.click())");

        report.Said.ShouldBeEmpty();
        report.Requested.ShouldBe([new Uri(folder.File("report.html")).AbsoluteUri]);
        (await report.EvaluateAsync<bool>("window.broken === undefined")).ShouldBeTrue();
        (await report.Page.Locator("img").CountAsync()).ShouldBe(0);
        (await report.Page.Locator("tr.opened").CountAsync()).ShouldBe(48);
        (await report.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        var text = await report.EvaluateAsync<string>("document.getElementById('cases').textContent");
        text.ShouldContain($"=1+1 {SampleResults.Script}");
        text.ShouldContain(SampleResults.RightToLeft);
        (await report.Page.TitleAsync()).ShouldBe("summarizer: v2 and v3 compared with v1");
    }

    [ChromiumFact]
    public async Task Themes_DifferAndAreReadable()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var report = await chromium.OpenAsync(folder.File("report.html"), theme);

            // WCAG 2.1, contrast ratio: relative luminances, of what is behind the text.
            var contrasts = await report.EvaluateAsync<double[]>("""
                () => {
                  const light = text => { const [r, g, b] = text.match(/[\d.]+/g).map(Number).map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                  const back = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(', 0)')) return c; } return 'rgb(0, 0, 0)'; };
                  return [...document.querySelectorAll('h1, h2, p, td, th, .note, .verdict, a, button, dt')].filter(e => e.offsetParent && !e.disabled).map(e => { const [a, b] = [light(getComputedStyle(e).color), light(back(e))]; return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); });
                }
                """);
            contrasts.Length.ShouldBeGreaterThan(200);
            contrasts.Min().ShouldBeGreaterThanOrEqualTo(4.5);
            var paper = await report.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
            paper.ShouldBe(theme == ColorScheme.Light ? "rgb(253, 252, 250)" : "rgb(22, 23, 27)");
        }
    }

    [ChromiumFact]
    public async Task ThemeSwitch_IsKept()
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Plain(12));
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        await report.Page.Locator("#theme").ClickAsync();
        await report.Page.Locator("#theme").ClickAsync();
        await report.Page.ReloadAsync();

        (await report.TextsAsync("#theme")).ShouldBe(["Theme: dark"]);
        (await report.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor")).ShouldBe("rgb(22, 23, 27)");
    }

    [ChromiumTheory]
    [InlineData("v2", 0)]
    [InlineData("v3", 1)]
    public async Task Verdicts_HaveTheNumbersOfTheJson(string variant, int table)
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        var cells = await report.EvaluateAsync<string[][]>(
            "index => [...document.querySelectorAll('table.verdicts')[index].querySelectorAll('tr.numbers')].map(row => [row.querySelector('bdi'), ...[...row.children].slice(1)].map(cell => cell.textContent.trim().replace(/\\s+/g, ' ')))", table);

        ShownVerdicts.ShouldBeOf(folder.Text("report.json"), variant, [.. cells.Select(row => new[] { row[0], row[2], row[3], row[4], row[1] })]);
        foreach (var row in cells)
        {
            var comparison = Sample.Comparisons.Single(each => each.Variant == variant && each.Metric == row[0] && each.Tag is null);
            row[5].ShouldBe($"{comparison.Wins} / {comparison.Ties} / {comparison.Losses}");
            row[6].ShouldBe(ReportNumbers.PValue(comparison.AdjustedPValue));
        }

        (await report.TextsAsync("tr.words td")).ShouldContain(Sample.Comparisons[0].Words);
    }

    [ChromiumFact]
    public async Task Charts_AreDrawn()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        // How many marks of each chart cover an area or have a length.
        async Task<int> MarksAsync(string selector) => await report.EvaluateAsync<int>(
            "selector => [...document.querySelectorAll(selector)].filter(mark => { const box = mark.getBoundingClientRect(); return box.width + box.height > 1; }).length", selector);

        (await MarksAsync("#differences circle.point")).ShouldBe(14);
        (await MarksAsync("#differences line.interval")).ShouldBe(14 * 3);
        (await MarksAsync("#distributions svg.chart")).ShouldBe(7);
        (await MarksAsync("#distributions rect.bar.baseline")).ShouldBeGreaterThan(20);
        (await MarksAsync("#distributions rect.bar.variant")).ShouldBeGreaterThan(40);
        (await MarksAsync("#case-differences path")).ShouldBe(2);
        (await MarksAsync("#tags circle.point")).ShouldBe(5);
        (await MarksAsync("#tradeoffs circle.point")).ShouldBe(9);
        (await MarksAsync(".tally rect")).ShouldBeGreaterThan(20);
        // The middle of the interval is drawn on the side of the line that its difference says.
        var first = await report.EvaluateAsync<double[]>("() => { const chart = document.querySelector('#differences svg'); return [chart.querySelector('circle').getBoundingClientRect().x, chart.querySelector('.zero').getBoundingClientRect().x]; }");
        (first[0] > first[1]).ShouldBe(Sample.Comparisons[0].Difference > 0);
    }

    [ChromiumFact]
    public async Task Sorting_OrdersByAnyColumnWithMissingLast()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));
        var rows = Differences("v2", "rouge_l");

        string[] worstFirst = [.. rows.OrderBy(row => row.Gain).Select(row => row.Case.Id), Sample.Cases[7].Id];
        (await IdsAsync(report)).ShouldBe(worstFirst);

        await report.Page.Locator("button.sort[data-key=gain]").ClickAsync();
        (await IdsAsync(report)).ShouldBe([.. rows.OrderByDescending(row => row.Gain).Select(row => row.Case.Id), Sample.Cases[7].Id]);
        (await report.Page.Locator("th[aria-sort=descending]").InnerTextAsync()).ShouldContain("Difference");

        await report.Page.Locator("button.sort[data-key=id]").ClickAsync();
        (await IdsAsync(report)).ShouldBe(Sample.Cases.Select(each => each.Id).Order(StringComparer.Ordinal));
        await report.Page.Locator("button.sort[data-key=theirs]").ClickAsync();
        (await IdsAsync(report)).Take(3).ShouldBe(AllValues().OrderBy(value => value.Value).Take(3).Select(value => value.Id));
    }

    [ChromiumFact]
    public async Task Filters_ShowWhatTheySayAndHowMany()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        await Select(report, "Outcome").SelectOptionAsync("worse");
        var worse = Differences("v2", "rouge_l").Where(row => row.Gain < 0).Select(row => row.Case).ToArray();
        (await IdsAsync(report)).ShouldBe(worse.Select(each => each.Id), ignoreOrder: true);
        (await report.TextsAsync(".count")).ShouldBe([string.Create(CultureInfo.InvariantCulture, $"{worse.Length} of 48 cases")]);

        await Select(report, "Tag").SelectOptionAsync("hard");
        (await IdsAsync(report)).ShouldBe(worse.Where(each => each.Tags.Contains("hard")).Select(each => each.Id), ignoreOrder: true);

        await Select(report, "Tag").SelectOptionAsync("");
        await Select(report, "Outcome").SelectOptionAsync("missing");
        (await IdsAsync(report)).ShouldBe([Sample.Cases[7].Id]);

        await Select(report, "Outcome").SelectOptionAsync("");
        await report.Page.GetByLabel("Search").FillAsync("SAYS A LOT");
        (await IdsAsync(report)).ShouldBe([Sample.Cases[5].Id]);
        await report.Page.GetByLabel("Search").FillAsync("nothing has this");
        (await report.TextsAsync(".count")).ShouldBe(["0 of 48 cases"]);
    }

    [ChromiumFact]
    public async Task Lens_ChangesWhatIsCompared()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        await Select(report, "Variant").SelectOptionAsync("v3");
        await Select(report, "By").SelectOptionAsync("latency");

        // A lower latency is better: the worst case is the one that takes the most more.
        var rows = Differences("v3", "latency");
        (await IdsAsync(report)).Take(5).ShouldBe(rows.OrderBy(row => row.Gain).Take(5).Select(row => row.Case.Id));
        var (better, worse) = (rows.Count(row => row.Gain > 0), rows.Count(row => row.Gain < 0));
        (await report.TextsAsync("#case-differences .lead"))[0].ShouldContain($"better in {better}, worse in {worse}, same in 0, missing in 0");
    }

    [ChromiumFact]
    public async Task Case_OpensWithBothAnswersAndWhatTheyDifferIn()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));
        await report.Page.GetByLabel("Search").FillAsync("case-010");

        await report.Page.Locator("button.case").ClickAsync();

        var (theirs, ours) = (Sample.Cases[10].Answers[0].Answer!.Text, Sample.Cases[10].Answers[2].Answer!.Text);
        (await report.EvaluateAsync<string>("document.querySelectorAll('.answer .text')[0].textContent")).ShouldBe(theirs);
        (await report.EvaluateAsync<string>("document.querySelectorAll('.answer .text')[1].textContent")).ShouldBe(ours);
        (await report.TextsAsync(".repeat:nth-of-type(2) .answer del")).ShouldContain("v1");
        (await report.TextsAsync(".repeat:nth-of-type(2) .answer ins")).ShouldContain("v2");
        // What is not marked is what both have.
        var common = await report.EvaluateAsync<string[]>("[...document.querySelectorAll('.answer .text')].slice(0, 2).map(text => { const copy = text.cloneNode(true); copy.querySelectorAll('ins, del').forEach(mark => mark.remove()); return copy.textContent; })");
        common[0].ShouldBe(common[1]);
        (await report.TextsAsync(".reason")).ShouldContain(reason => reason.Contains("The tone is even.", StringComparison.Ordinal));
        (await report.TextsAsync(".details")).Single().ShouldContain("request req-10-1-1");
    }

    [ChromiumFact]
    public async Task LongText_IsCutUntilAllOfItIsAskedFor()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));
        var text = Sample.Cases[5].Answers[0].Answer!.Text;
        text.Length.ShouldBeGreaterThan(90_000);
        await report.Page.GetByLabel("Search").FillAsync("case-005");
        await report.Page.Locator("button.case").ClickAsync();

        async Task<int> LengthAsync() => await report.EvaluateAsync<int>("document.querySelector('.answer .text').textContent.length");

        (await LengthAsync()).ShouldBeLessThan(20_000);
        await report.Page.Locator(".answer .quiet").First.ClickAsync();
        (await LengthAsync()).ShouldBe(text.Length);
    }

    [ChromiumFact]
    public async Task Chart_LeadsToTheCase()
    {
        using var folder = await ReportFolder.OfAsync(Sample);
        await using var report = await chromium.OpenAsync(folder.File("report.html"));
        var rows = Differences("v2", "rouge_l").OrderByDescending(row => row.Gain).ToArray();
        await Select(report, "Outcome").SelectOptionAsync("worse");

        await report.Page.Locator(".waterfall").ClickAsync(new LocatorClickOptions { Position = new Position { X = 2, Y = 20 } });
        (await report.EvaluateAsync<string>("document.activeElement.textContent")).ShouldContain(rows[0].Case.Id);

        await report.Page.Locator(".waterfall").FocusAsync();
        await report.Page.Keyboard.PressAsync("End");
        (await report.TextsAsync(".readout")).Single().ShouldStartWith(rows[^1].Case.Id);
        await report.Page.Keyboard.PressAsync("Enter");
        (await report.EvaluateAsync<string>("document.activeElement.textContent")).ShouldContain(rows[^1].Case.Id);
        (await report.TextsAsync("tr.opened")).Count.ShouldBe(2);
    }

    [ChromiumFact]
    public async Task ThousandsOfCases_ArePaged()
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Plain(5000));
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        (await report.TextsAsync(".count")).ShouldBe(["5,000 of 5,000 cases"]);
        (await report.Page.Locator("tr.row").CountAsync()).ShouldBe(50);
        var first = await IdsAsync(report);
        await report.Page.GetByText("Next →").ClickAsync();
        (await report.TextsAsync(".pages span")).ShouldBe(["Page 2 of 100"]);
        (await IdsAsync(report)).ShouldAllBe(id => !first.Contains(id));
        await report.Page.GetByLabel("Search").FillAsync("text 4321:");
        (await IdsAsync(report)).ShouldBe(["case-4321"]);
        report.Said.ShouldBeEmpty();
    }

    [ChromiumFact]
    public async Task OneVersion_ShowsItsScores()
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Single());
        await using var report = await chromium.OpenAsync(folder.File("report.html"));

        await report.Page.Locator("button.case").First.ClickAsync();

        report.Said.ShouldBeEmpty();
        (await report.TextsAsync("h2")).ShouldContain("Scores");
        (await report.TextsAsync("h2")).ShouldNotContain("Differences");
        (await report.Page.Locator("#distributions svg").CountAsync()).ShouldBe(6);
    }

    private static CaseDifference[] Differences(string variant, string metric) =>
        [.. CaseDifference.Of(Sample, Sample.Comparisons.Single(each => each.Variant == variant && each.Metric == metric && each.Tag is null))];

    private static IEnumerable<(string Id, double Value)> AllValues() =>
        Sample.Cases.Select(each => (each.Id, each.Answers.Where(answer => answer.Variant == "v1").Average(answer => answer.Scores["rouge_l"].Value!.Value)));

    private static ILocator Select(OpenedReport report, string name) => report.Page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = name, Exact = true });

    private static async Task<IReadOnlyList<string>> IdsAsync(OpenedReport report) => await report.EvaluateAsync<string[]>("[...document.querySelectorAll('button.case bdi')].map(id => id.textContent)");
}
