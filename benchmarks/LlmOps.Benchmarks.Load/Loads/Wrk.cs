using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>Load that is not streamed, by wrk.</summary>
internal static class Wrk
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Keeps so many connections busy for so many seconds.</summary>
    public static async Task<WrkFigures> RunAsync(RunningSubject subject, string user, int connections, int seconds, CancellationToken cancellationToken)
    {
        var body = Path.Combine(Path.GetTempPath(), $"llmops-benchmarks-{Environment.ProcessId}-{user}.json");
        await File.WriteAllBytesAsync(body, Payload.Body(user), cancellationToken);
        try
        {
            string[] arguments =
            [
                "-t1", string.Create(CultureInfo.InvariantCulture, $"-c{connections}"), string.Create(CultureInfo.InvariantCulture, $"-d{seconds}s"),
                "--timeout", "10s", "-s", Workspace.Own("post.lua"), $"http://127.0.0.1:{subject.Port}/v1/chat/completions", "--", body, .. subject.Headers,
            ];
            using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            try
            {
                var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
                await process.WaitForExitAsync(cancellationToken);
                // Ctrl-C ends wrk together with the harness.
                cancellationToken.ThrowIfCancellationRequested();
                var line = (await output).Split('\n').LastOrDefault(line => line.StartsWith('{'))
                    ?? throw new BenchmarkException($"wrk could not put load on {subject.Subject.Name}: {await output}{await errors}");
                return JsonSerializer.Deserialize<WrkFigures>(line, Json)!;
            }
            finally
            {
                process.Kill();
            }
        }
        finally
        {
            File.Delete(body);
        }
    }
}
