using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>An evaluation of many cases: how close to the ideal time is it, in how much memory, and does one that is killed pay for anything twice?</summary>
internal sealed class EvaluationScenario : IScenario
{
    private const int Concurrency = 64;
    private const int Variants = 2;
    private const int DelayMilliseconds = 50;
    private const double MostOfIdeal = 1.15;
    private const double MegaByte = 1 << 20;
    private const double MostMegaBytes = 1024;
    private const string Prompt = "evaluated";

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // To look at all processes takes a part of what is measured.
    private static readonly TimeSpan MemoryLooks = TimeSpan.FromMilliseconds(500);

    private readonly Option<int> _cases = new("--cases") { Description = "Cases, each asked of two versions.", DefaultValueFactory = _ => 5_000 };

    public string Name => "evaluation";

    public string Description => $"Two versions of a prompt are evaluated against an upstream of {DelayMilliseconds} ms, {Concurrency} calls at once; then once more, killed halfway and resumed.";

    public IReadOnlyList<Option> Options => [_cases];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var cases = options.GetValue(_cases);
        var folder = bench.Workspace.RunFolder("evaluation");
        WritePrompt(folder, cases);
        var verdict = new Verdict();
        using var upstream = await FaultyUpstream.StartAsync(bench.Workspace, "evaluation upstream", LongestStart, cancellationToken);

        // What the first evaluation compiles and reads for the first time says nothing of the second.
        await EvaluateAsync(bench.Workspace, upstream, folder, "warm-up", ["--sample", "200"], cancellationToken);
        var ideal = TimeSpan.FromMilliseconds((double)cases * Variants * DelayMilliseconds / Concurrency);
        var whole = await EvaluateAsync(bench.Workspace, upstream, folder, "whole", [], cancellationToken);
        Console.WriteLine("answers | ideal s | asked in s | x ideal | from start to reports s | x ideal | most resident MB");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{cases * Variants} | {ideal.TotalSeconds:0.00} | {whole.Asking.TotalSeconds:0.00} | {whole.Asking / ideal:0.000} | {whole.All.TotalSeconds:0.00} | {whole.All / ideal:0.000} | {whole.MostBytes / MegaByte:0}"));
        Console.WriteLine();
        verdict.Demand("it ends complete", whole.ExitCode is 0 or 1 && whole.Answers == cases * Variants, $"exit code {whole.ExitCode}, {whole.Answers} answers {whole.Errors}");
        verdict.Demand($"in at most {MostOfIdeal} x the ideal time, reports included", whole.All <= ideal * MostOfIdeal, string.Create(CultureInfo.InvariantCulture, $"{whole.All / ideal:0.000}"));
        verdict.Demand($"in at most {MostMegaBytes} MB", whole.MostBytes <= MostMegaBytes * MegaByte, string.Create(CultureInfo.InvariantCulture, $"{whole.MostBytes / MegaByte:0} MB"));
        await KillAsync(bench.Workspace, upstream, folder, cases, verdict, cancellationToken);
        return verdict.IsYes;
    }

    private static async Task KillAsync(Workspace workspace, FaultyUpstream upstream, string folder, int cases, Verdict verdict, CancellationToken cancellationToken)
    {
        var before = (await upstream.CountAsync(cancellationToken)).Received;
        using (var killed = Start(workspace, upstream, folder, "killed", []))
        {
            while ((await upstream.CountAsync(cancellationToken)).Received - before < cases)
            {
                await Task.Delay(Pause, cancellationToken);
            }

            killed.Kill();
            await killed.WaitForExitAsync(cancellationToken);
        }

        var atKill = (await upstream.CountAsync(cancellationToken)).Received - before;
        var kept = File.ReadLines(Path.Combine(folder, "killed", "results", $"{Prompt}.jsonl")).Count(line => line.Contains("\"answer\"", StringComparison.Ordinal));
        var resumed = await EvaluateAsync(workspace, upstream, folder, "killed", ["--resume"], cancellationToken);
        var calls = (await upstream.CountAsync(cancellationToken)).Received - before;
        verdict.Demand("killed halfway and resumed it ends complete", resumed.ExitCode is 0 or 1 && resumed.Answers == cases * Variants, $"exit code {resumed.ExitCode}, {resumed.Answers} answers {resumed.Errors}");
        verdict.Demand(
            "no call is paid for twice whose answer had come", calls - (cases * Variants) <= Concurrency,
            $"{atKill} calls before the kill, {kept} answers kept, {calls} calls for {cases * Variants} answers in all; up to {Concurrency} were on their way");
    }

    private static async Task<Seen> EvaluateAsync(Workspace workspace, FaultyUpstream upstream, string folder, string output, string[] further, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var process = Start(workspace, upstream, folder, output, further);
        var (said, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        var ended = process.WaitForExitAsync(cancellationToken);
        var most = 0L;
        while (await Task.WhenAny(ended, Task.Delay(MemoryLooks, cancellationToken)) != ended)
        {
            most = Math.Max(most, ProcessTree.ResidentBytes(process.Id));
        }

        await ended;
        var all = Stopwatch.GetElapsedTime(begun);
        await said;
        var report = Directory.EnumerateFiles(Path.Combine(folder, output), "report.json", SearchOption.AllDirectories).OrderDescending().FirstOrDefault()
            ?? throw new BenchmarkException($"The evaluator made no report: {await said} {await errors}");
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(report, cancellationToken));
        var root = json.RootElement;
        return new Seen(
            process.ExitCode, all, TimeSpan.FromSeconds(root.GetProperty("run").GetProperty("asking_seconds").GetDouble()), most,
            root.GetProperty("cases").EnumerateArray().Sum(each => each.GetProperty("answers").EnumerateArray().Count(answer => answer.TryGetProperty("answer", out _))), await errors);
    }

    private static Process Start(Workspace workspace, FaultyUpstream upstream, string folder, string output, string[] further)
    {
        var start = new ProcessStartInfo(workspace.Evaluator) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["compare", Prompt, "v1", "v2", "--concurrency", $"{Concurrency}", "--output", output, .. further])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = ServerProcess.SearchPath;
        start.Environment["HOME"] = folder;
        start.Environment["OPENAI_API_KEY"] = "sk-bench";
        start.Environment["OPENAI_BASE_URL"] = $"http://127.0.0.1:{upstream.Port}/v1";
        start.Environment["DEFAULT_MODEL"] = "gpt-4o-mini";
        start.Environment["Gateway__DetectOllama"] = "false";
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
        {
            start.Environment["DOTNET_ROOT"] = root;
        }

        return Process.Start(start)!;
    }

    private static void WritePrompt(string folder, int cases)
    {
        var prompt = Directory.CreateDirectory(Path.Combine(folder, "prompts", Prompt)).FullName;
        foreach (var version in (string[])["v1", "v2"])
        {
            File.WriteAllText(Path.Combine(prompt, $"{version}.yaml"), $"name: {Prompt}\nversion: {version}\nuser: \"{version} {{{{text}}}}\"\n");
        }

        var lines = new StringBuilder();
        for (var number = 1; number <= cases; number++)
        {
            lines.Append(CultureInfo.InvariantCulture, $$"""{"id": "case-{{number}}", "variables": {"text": "delay-{{DelayMilliseconds}} What does gateway number {{number}} keep in one place?"}, "expected": "Gateway number {{number}} keeps keys, limits and costs in one place."}""").Append('\n');
        }

        File.WriteAllText(Path.Combine(prompt, "dataset.jsonl"), lines.ToString());
    }

    private sealed record Seen(int ExitCode, TimeSpan All, TimeSpan Asking, long MostBytes, int Answers, string Errors);
}
