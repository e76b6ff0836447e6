using System.Globalization;
using LlmOps.Benchmarks.Load.Subjects;
using LlmOps.Benchmarks.Traces;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

var (traces, seed) = (1_000_000, 1);
for (var index = 0; index < args.Length; index += 2)
{
    var isNumber = int.TryParse(args.ElementAtOrDefault(index + 1), CultureInfo.InvariantCulture, out var number) && number > 0;
    switch (args[index])
    {
        case "--traces" when isNumber:
            traces = number;
            break;

        case "--seed" when isNumber:
            seed = number;
            break;

        default:
            Console.Error.WriteLine("""
                Fills the trace store, and tells how long pages of GET /admin/traces take: p50 of 15 runs, for pages of 100.

                  [--traces 1000000] [--seed 1]
                    In SQLite, and in PostgreSQL where that is installed.
                """);
            return 2;
    }
}

var patient = new StorageOptions { CallTimeout = TimeSpan.FromMinutes(1) };
var folder = Directory.CreateTempSubdirectory("llmops-benchmarks-").FullName;
try
{
    using var sqlite = new SqliteDatabase(Path.Combine(folder, "llmops.db"), TimeProvider.System, patient);
    await new TracesBenchmark(sqlite, traces, seed).RunAsync();
}
finally
{
    Directory.Delete(folder, recursive: true);
}

if (PostgresServer.Fault is { } fault)
{
    Console.WriteLine($"--- PostgreSQL is left out: {fault}");
    return 0;
}

using var server = await PostgresServer.StartAsync(CancellationToken.None);
await using var postgres = new PostgresDatabase(PostgresConnectionString.Parse(server.Url), patient, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
while (postgres.Fault is not null)
{
    await Task.Delay(TimeSpan.FromMilliseconds(100));
}

await new TracesBenchmark(postgres, traces, seed).RunAsync();
return 0;
