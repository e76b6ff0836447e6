using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Reports;

/// <summary>A folder of reports that is gone after the test.</summary>
internal sealed class ReportFolder : IDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("llmops-reports-").FullName;

    /// <summary>With all reports of a result.</summary>
    public static async Task<ReportFolder> OfAsync(EvaluationResult result)
    {
        var folder = new ReportFolder();
        await ReportFiles.WriteAsync(result, folder.Path, CancellationToken.None);
        return folder;
    }

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The text of a file in it.</summary>
    public string Text(string name) => System.IO.File.ReadAllText(File(name));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
