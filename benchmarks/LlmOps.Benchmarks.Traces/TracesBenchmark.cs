using System.Diagnostics;
using System.Globalization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using TraceFilter = LlmOps.Gateway.Telemetry.Traces.TraceFilter;

namespace LlmOps.Benchmarks.Traces;

/// <summary>How long a page of GET /admin/traces takes, wherever it lies; on one database.</summary>
internal sealed class TracesBenchmark(IDatabase database, int count, int seed)
{
    private const int Runs = 15;
    private const int PageSize = 100;
    private const int Batch = 200;
    private static readonly int[] Pages = [1, 10, 100, 1000];

    private static readonly (string Name, TraceFilter Filter)[] Filters =
    [
        ("none", new()),
        ("a tenant of 29 %", new() { Tenant = "tenant-0" }),
        ("a tenant of 1 %", new() { Tenant = "tenant-30" }),
        ("model", new() { Model = "gpt-4o" }),
        ("prompt", new() { Prompt = "prompt-3" }),
        ("prompt and version", new() { Prompt = "prompt-3", Version = "2" }),
        ("status=error", new() { IsOk = false }),
        ("outcome=provider_timeout", new() { Outcome = "provider_timeout" }),
        ("latency ≥ 3 s", new() { MinDuration = 3_000_000 }),
        ("latency ≥ 15 s", new() { MinDuration = 15_000_000 }),
        ("cost ≥ $0.01", new() { MinCost = new NanoUsd(10_000_000) }),
        ("cost ≥ $0.15", new() { MinCost = new NanoUsd(150_000_000) }),
        ("tenant of 1 % and model", new() { Tenant = "tenant-30", Model = "gpt-4o-mini" }),
        ("nothing, by an index", new() { Tenant = "nobody" }),
        ("nothing, without an index", new() { Variant = "none" }),
    ];

    /// <summary>Fills it, asks, and prints.</summary>
    public async Task RunAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var sink = TraceStoreSink.Create(new TelemetryOptions(), database)!;
        foreach (var batch in new SeededTraces(count, seed).All().Chunk(Batch))
        {
            await sink.SendAsync(Array.ConvertAll<RequestTrace, TelemetryEvent>(batch, trace => trace), CancellationToken.None);
        }

        var (took, bytes) = (Stopwatch.GetElapsedTime(begun), await BytesAsync());
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{database.Name}: {count:N0} traces written in {took.TotalSeconds:0} s, {count / took.TotalSeconds:N0} a second, in batches of {Batch}; {bytes / (double)count:N0} bytes each"));
        Console.WriteLine();
        Console.WriteLine($"| {database.Name}, ms | {string.Join(" | ", Pages.Select(page => $"page {page}"))} | |");
        Console.WriteLine($"| --- |{string.Concat(Pages.Select(_ => " ---: |"))} --- |");
        var search = new TraceSearch(database);
        foreach (var (name, filter) in Filters)
        {
            Console.WriteLine(await RowAsync(search, name, filter with { Limit = PageSize }));
        }

        var newest = await search.FindAsync(new TraceFilter { Limit = Runs }, CancellationToken.None);
        var tables = new TraceTables(database);
        List<double> times = [];
        foreach (var row in newest.Traces)
        {
            times.Add(await TimeAsync(() => tables.FindAsync(row.RequestId, CancellationToken.None)));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| one trace, by its X-Request-ID | {Median(times):0.00} | | | | |"));
    }

    // Where pages begin is found first; then they are asked for in turns.
    private static async Task<string> RowAsync(TraceSearch search, string name, TraceFilter filter)
    {
        var begins = new Dictionary<int, Guid?> { [1] = null };
        Guid? after = null;
        var (page, fewest, rows) = (1, int.MaxValue, 0);
        for (; page <= Pages[^1]; page++)
        {
            var found = await search.FindAsync(filter with { After = after }, CancellationToken.None);
            (fewest, rows) = (Math.Min(fewest, found.Traces.Count), rows + found.Traces.Count);
            if (found.Next is null)
            {
                break;
            }

            after = Guid.Parse(found.Next, CultureInfo.InvariantCulture);
            begins[page + 1] = after;
        }

        var times = Pages.ToDictionary(number => number, _ => new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            foreach (var number in Pages.Where(begins.ContainsKey))
            {
                times[number].Add(await TimeAsync(() => search.FindAsync(filter with { After = begins[number] }, CancellationToken.None)));
            }
        }

        var shown = Pages.Select(number => times[number] is { Count: > 0 } some ? Median(some).ToString("0.00", CultureInfo.InvariantCulture) : "–");
        var all = page > Pages[^1] ? "" : string.Create(CultureInfo.InvariantCulture, $"{rows:N0} traces");
        return $"| {name} | {string.Join(" | ", shown)} | {all} |";
    }

    private Task<long> BytesAsync() =>
        database.ReadAsync(connection => Dapper.SqlMapper.ExecuteScalarAsync<long>(connection, database.Name == SqliteDatabase.DatabaseName
            ? "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            : "SELECT pg_database_size(current_database())"));

    private static async Task<double> TimeAsync<T>(Func<Task<T>> action)
    {
        var begun = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
