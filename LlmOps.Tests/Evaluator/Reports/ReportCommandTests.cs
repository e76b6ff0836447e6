using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Commands;
using LlmOps.Evaluator.Reports;
using Spectre.Console;

namespace LlmOps.Tests.Evaluator.Reports;

public sealed class ReportCommandTests : IDisposable
{
    private readonly ReportFolder _folder = new();
    private readonly StringWriter _output = new(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task File_IsMadeAgainInAllForms()
    {
        await WriteJsonAsync();

        (await InvokeAsync("report", _folder.File("report.json"))).ShouldBe(0);

        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).ShouldBe(["report.json", "report.html", "report.csv", "report.xml", "report.md"], ignoreOrder: true);
        _output.ToString().ShouldContain("Gate: incomplete");
        _output.ToString().ShouldContain(_folder.File("report.html"));
    }

    [Fact]
    public async Task FormatAndOutput_AreHeeded()
    {
        await WriteJsonAsync();

        (await InvokeAsync("report", _folder.Path, "--format", "md", "json", "--output", _folder.File("out"))).ShouldBe(0);

        Directory.GetFiles(_folder.File("out")).Select(Path.GetFileName).ShouldBe(["report.json", "report.md"], ignoreOrder: true);
        JsonNode.DeepEquals(JsonNode.Parse(_folder.Text("out/report.json")), JsonNode.Parse(_folder.Text("report.json"))).ShouldBeTrue();
        _output.ToString().ShouldNotContain("Gate");
    }

    [Fact]
    public async Task Terminal_WritesNoFile()
    {
        await WriteJsonAsync();

        (await InvokeAsync("report", _folder.File("report.json"), "--format", "terminal")).ShouldBe(0);

        Directory.GetFiles(_folder.Path).Length.ShouldBe(1);
        _output.ToString().ShouldContain("rouge_l");
    }

    [Fact]
    public async Task BrokenFile_IsBadInput()
    {
        await File.WriteAllTextAsync(_folder.File("report.json"), "{");

        await Should.ThrowAsync<BadInputException>(() => InvokeAsync("report", _folder.File("report.json")));
    }

    [Fact]
    public void UnknownFormat_IsRefused() => Root().Parse(["report", "x", "--format", "pdf"]).Errors.ShouldNotBeEmpty();

    private async Task WriteJsonAsync() => await ReportFiles.WriteAsync(SampleResults.Create(), _folder.Path, [ReportFormat.Json], CancellationToken.None);

    private Task<int> InvokeAsync(params string[] arguments) => Root().Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private RootCommand Root() =>
        new() { ReportCommand.Create(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(_output) })) };
}
