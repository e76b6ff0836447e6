using System.CommandLine;
using LlmOps.Evaluator.Reports;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary><c>report FILE</c>: makes reports again from a report.json, of this program or of a later day.</summary>
internal static class ReportCommand
{
    // What is asked for when nothing is: all that is made from the file, and what the terminal shows.
    private static readonly string[] DefaultForms = ["html", "csv", "junit", "md", "terminal"];

    /// <summary>The command; a file that is not to be read leaves it as a <see cref="BadInputException"/>.</summary>
    public static Command Create(IAnsiConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "A report.json, or the folder that it is in." };
        var forms = new Option<string[]>("--format") { Description = "What is made; all but json where nothing is said.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => DefaultForms };
        forms.AcceptOnlyFromAmong("html", "md", "csv", "junit", "json", "terminal");
        var output = new Option<string?>("--output") { Description = "The folder that reports are written to; that of FILE where nothing is said.", HelpName = "DIR" };
        var command = new Command("report", "Makes reports again from an evaluation's report.json.") { file, forms, output };
        command.SetAction((parsed, cancellationToken) => InvokeAsync(parsed.GetRequiredValue(file), parsed.GetRequiredValue(forms), parsed.GetValue(output), console, cancellationToken));
        return command;
    }

    /// <summary>Makes them.</summary>
    /// <param name="file">The report.json, or its folder.</param>
    /// <param name="forms">html, md, csv, junit, json, terminal.</param>
    /// <param name="output">Where to; null for the file's folder.</param>
    /// <param name="console">The terminal.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>0: whether the evaluation passed its gate is not asked again.</returns>
    /// <exception cref="BadInputException">The file cannot be read, or the folder not be written to.</exception>
    public static async Task<int> InvokeAsync(string file, IReadOnlyList<string> forms, string? output, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var path = Directory.Exists(file) ? Path.Combine(file, ReportFiles.JsonName) : file;
        var result = await ReportFiles.ReadAsync(path, cancellationToken);
        ReportFormat[] formats = [.. forms.Where(form => form != "terminal").Select(Format).Distinct()];
        var files = await ReportFiles.WriteAsync(result, output ?? Path.GetDirectoryName(Path.GetFullPath(path))!, formats, cancellationToken);
        if (forms.Contains("terminal"))
        {
            TerminalReport.Write(console, result, files);
            return 0;
        }

        foreach (var written in files)
        {
            console.Profile.Out.Writer.WriteLine(written);
        }

        return 0;
    }

    private static ReportFormat Format(string form) => form switch
    {
        "html" => ReportFormat.Html,
        "md" => ReportFormat.Markdown,
        "csv" => ReportFormat.Csv,
        "junit" => ReportFormat.JUnit,
        "json" => ReportFormat.Json,
        _ => throw new BadInputException($"--format: '{form}' is not known; expected html, md, csv, junit, json or terminal."),
    };
}
