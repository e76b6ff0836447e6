using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using LlmOps.Benchmarks.Load.Subjects;
using Microsoft.Data.Sqlite;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>The gateway is killed under load, again and again: does its ledger have every request that a caller saw finished, and each once?</summary>
internal sealed class KillsScenario : IScenario
{
    private const string Database = "llmops.db";

    private static readonly TimeSpan ShortestLife = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestLife = TimeSpan.FromMilliseconds(2500);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestReplay = TimeSpan.FromMinutes(2);

    private readonly Option<int> _kills = new("--kills") { Description = "How often it is killed.", DefaultValueFactory = _ => 50 };

    public string Name => "kills";

    public string Description => $"{KillLoad.Callers} callers; the gateway is killed (SIGKILL) again and again: is every request that was seen finished in its ledger, once?";

    public IReadOnlyList<Option> Options => [_kills];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var load = new KillLoad();
        var subject = new Subject("llmops, killed")
        {
            IsDotNet = true,
            Command = site => SubjectList.LlmOps(site, ("LLMOPS_ADMIN_KEY", SubjectList.AdministratorKey), ("Logging__LogLevel__Default", "Warning")),
        };
        Console.WriteLine("kill | answers seen finished | streams seen finished | cut | first answer after the start, ms");
        for (var kill = 1; kill <= options.GetValue(_kills); kill++)
        {
            using var gateway = bench.Launch(subject, withCounters: false);
            var startedAt = Stopwatch.GetTimestamp();
            await Bench.WaitAsync(gateway, LongestStart, cancellationToken);
            var start = Stopwatch.GetElapsedTime(startedAt);
            var (answers, streams, cut) = (load.Answers.Count, load.Streams.Count, load.Cut);
            var life = ShortestLife + (LongestLife - ShortestLife) * Random.Shared.NextDouble();
            await load.RunAsync(gateway, life, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kill} | {load.Answers.Count - answers} | {load.Streams.Count - streams} | {load.Cut - cut} | {start.TotalMilliseconds:0}"));
        }

        var (usage, replay) = await ReplayAsync(bench, subject, cancellationToken);
        return Judge(load, Rows(Path.Combine(bench.Workspace.RunFolder(subject.Name), "data", Database)), usage, replay);
    }

    private static async Task<(long Usage, TimeSpan Took)> ReplayAsync(Bench bench, Subject subject, CancellationToken cancellationToken)
    {
        using var gateway = bench.Launch(subject, withCounters: false);
        await Bench.WaitAsync(gateway, LongestStart, cancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gateway.Port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SubjectList.AdministratorKey);
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            using var usage = JsonDocument.Parse(await http.GetStringAsync("/admin/usage?from=2020-01-01", cancellationToken));
            if (usage.RootElement.GetProperty("pending").GetInt64() == 0)
            {
                return (usage.RootElement.GetProperty("total").GetProperty("requests").GetInt64(), Stopwatch.GetElapsedTime(begun));
            }

            if (Stopwatch.GetElapsedTime(begun) > LongestReplay)
            {
                throw new BenchmarkException($"The journal was not drained: {gateway.Process.OutputEnd()}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    private static List<string> Rows(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT request_id FROM ledger";
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static bool Judge(KillLoad load, List<string> rows, long usage, TimeSpan replay)
    {
        var recorded = rows.CountBy(id => id).ToDictionary();
        var missing = load.Answers.Concat(load.Streams).Count(id => !recorded.ContainsKey(id));
        var twice = recorded.Count(pair => pair.Value > 1);
        var verdict = new Verdict();
        Console.WriteLine();
        verdict.Demand("every request that was seen finished is in the ledger", missing == 0 && load.Answers.Count > 0 && load.Streams.Count > 0,
            $"{missing} are missing, of {load.Answers.Count} answers and {load.Streams.Count} streams");
        verdict.Demand("none is there twice", twice == 0, $"{twice} are, of {rows.Count} rows; {load.Cut} requests were cut by a kill");
        verdict.Demand("the daily sums say the same as the rows", usage == rows.Count, $"{usage} requests in the sums");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- the last journal was in the database {replay.TotalMilliseconds:0} ms after the gateway answered (not judged)"));
        return verdict.IsYes;
    }
}
