using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>The files of a report, all made from an <see cref="EvaluationResult"/>.</summary>
internal static class ReportFiles
{
    /// <summary>The file that all others can be made from again.</summary>
    public const string JsonName = "report.json";

    /// <summary>All forms.</summary>
    public static IReadOnlyList<ReportFormat> All { get; } = [ReportFormat.Json, ReportFormat.Html, ReportFormat.Csv, ReportFormat.JUnit, ReportFormat.Markdown];

    /// <summary>What a form's file is called.</summary>
    public static string Name(ReportFormat format) => format switch
    {
        ReportFormat.Json => JsonName,
        ReportFormat.Html => "report.html",
        ReportFormat.Csv => "report.csv",
        ReportFormat.JUnit => "report.xml",
        ReportFormat.Markdown => "report.md",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such form."),
    };

    /// <summary>Writes all forms.</summary>
    /// <inheritdoc cref="WriteAsync(EvaluationResult, string, IReadOnlyList{ReportFormat}, CancellationToken)"/>
    public static Task<IReadOnlyList<string>> WriteAsync(EvaluationResult result, string folder, CancellationToken cancellationToken) =>
        WriteAsync(result, folder, All, cancellationToken);

    /// <summary>Writes files at the same time, each of which is there as a whole or stays as it was.</summary>
    /// <param name="result">What they tell.</param>
    /// <param name="folder">Where they are; made if it is not there.</param>
    /// <param name="formats">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Their paths.</returns>
    /// <exception cref="BadInputException">The folder cannot be written to.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(
        EvaluationResult result, string folder, IReadOnlyList<ReportFormat> formats, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return await Task.WhenAll(formats.Select(format => Task.Run(
                async () =>
                {
                    var path = Path.Combine(folder, Name(format));
                    await WholeFile.WriteAsync(path, file => WriteAsync(format, result, file, cancellationToken));
                    return path;
                },
                cancellationToken)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"Reports cannot be written to '{folder}': {exception.Message}");
        }
    }

    /// <summary>Reads a report.json.</summary>
    /// <exception cref="BadInputException">There is none, it is of another form, or damaged.</exception>
    public static async Task<EvaluationResult> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return await ReportJson.ReadAsync(file, path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"'{path}' cannot be read: {exception.Message} Expected the {JsonName} of an evaluation.");
        }
    }

    private static Task WriteAsync(ReportFormat format, EvaluationResult result, Stream file, CancellationToken cancellationToken) => format switch
    {
        ReportFormat.Json => ReportJson.WriteAsync(result, file, cancellationToken),
        ReportFormat.Html => HtmlReport.WriteAsync(result, file, cancellationToken),
        ReportFormat.Csv => CsvReport.WriteAsync(result, file, cancellationToken),
        ReportFormat.JUnit => JUnitReport.WriteAsync(result, file),
        _ => MarkdownReport.WriteAsync(result, file, cancellationToken),
    };
}
