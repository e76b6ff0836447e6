using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>Load that is not streamed, by wrk.</summary>
internal static class Wrk
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static int _runs;

    /// <summary>Keeps so many connections busy for so many seconds.</summary>
    /// <param name="subject">Who is asked.</param>
    /// <param name="user">What the upstream is asked to do.</param>
    /// <param name="connections">How many.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="looks">Whether wrk looks at what each answer says of the cache, which costs it more than all else that it does.</param>
    public static async Task<WrkFigures> RunAsync(
        RunningSubject subject, string user, int connections, int seconds, CancellationToken cancellationToken, bool looks = false)
    {
        // Two runs share no request, either.
        var varies = subject.Subject.VariesRequests;
        string[] script =
        [
            .. varies ? (string[])[string.Create(CultureInfo.InvariantCulture, $"vary={Interlocked.Increment(ref _runs):d6}")] : [],
            .. looks && subject.Subject.CacheStatus is { } expected ? (string[])[$"expect={expected}"] : [],
        ];
        var body = Path.Combine(Path.GetTempPath(), $"llmops-benchmarks-{Environment.ProcessId}-{user}.json");
        await File.WriteAllBytesAsync(body, Body(subject.Subject, user), cancellationToken);
        try
        {
            string[] arguments =
            [
                "-t1", string.Create(CultureInfo.InvariantCulture, $"-c{connections}"), string.Create(CultureInfo.InvariantCulture, $"-d{seconds}s"),
                "--timeout", "10s", "-s", Workspace.Own("post.lua"), $"http://127.0.0.1:{subject.Port}/v1/chat/completions", "--", body, .. script, .. subject.Headers,
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

    private static byte[] Body(Subject subject, string user) => (subject.VariesRequests, subject.HasLongPrompts) switch
    {
        (true, true) => Payload.NumberedLongBody(user, 0),
        (true, false) => Payload.NumberedBody(user, 0),
        (false, true) => Payload.LongBody(user),
        (false, false) => Payload.Body(user),
    };
}
