using System.Diagnostics;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Configuration;
using Spectre.Console;

namespace LlmOps.Tests.Evaluator;

/// <summary>The evaluator as a person runs it, with a folder of prompts and of results that go away with it.</summary>
internal sealed class EvaluatorRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llmops-test-");

    /// <summary>The folder it works in.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Where its prompts are.</summary>
    public string Prompts => Path.Combine(Folder, "prompts");

    /// <summary>Where answers and reports go.</summary>
    public string Output => Path.Combine(Folder, "evaluations");

    /// <summary>What it wrote last.</summary>
    public string Said { get; private set; } = "";

    /// <summary>Writes a file of a prompt.</summary>
    public EvaluatorRun With(string path, string text)
    {
        var full = Path.Combine(Prompts, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return this;
    }

    /// <summary>Two versions that say which they are, and cases with a text each.</summary>
    public EvaluatorRun WithPrompt(string name, int cases)
    {
        With($"{name}/v1.yaml", $"name: {name}\nversion: v1\nuser: \"first: {{{{text}}}}\"\n");
        With($"{name}/v2.yaml", $"name: {name}\nversion: v2\nuser: \"second: {{{{text}}}}\"\n");
        return With($"{name}/dataset.jsonl", string.Concat(Enumerable.Range(1, cases).Select(number => $$"""{"id": "case-{{number}}", "variables": {"text": "question {{number}}"}, "expected": "answer {{number}}", "tags": ["{{(number % 2 == 0 ? "even" : "odd")}}"]}""" + "\n")));
    }

    /// <summary>Runs it in this process, by a gateway that runs.</summary>
    public async Task<int> AskAsync(GatewayApplication gateway, params string[] args) =>
        await RunAsync([.. args, "--gateway", gateway.Address.AbsoluteUri, "--key", GatewayApplication.AdministratorKey, "--prompts", Prompts, "--output", Output]);

    /// <summary>Runs it in this process.</summary>
    public async Task<int> RunAsync(params string[] args)
    {
        await using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        try
        {
            return await EvaluatorProgram.RunAsync(args, console, TimeProvider.System);
        }
        finally
        {
            Said = text.ToString();
        }
    }

    /// <summary>It as a program of its own, not started yet.</summary>
    public ProcessStartInfo Program(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "LlmOps.Evaluator.dll"));
        Array.ForEach(args, start.ArgumentList.Add);
        foreach (var name in EnvironmentNames.All)
        {
            start.Environment.Remove(name.Name);
        }

        return start;
    }

    /// <summary>The report of the latest evaluation.</summary>
    public Task<EvaluationResult> ReportAsync() => ReportFiles.ReadAsync(LatestReport(), CancellationToken.None);

    /// <summary>The file of the latest report.</summary>
    public string LatestReport() => Directory.EnumerateFiles(Output, "report.json", SearchOption.AllDirectories).OrderByDescending(File.GetLastWriteTimeUtc).First();

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
