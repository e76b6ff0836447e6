using System.CommandLine;
using System.Globalization;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Many more callers than before come at once, and leave again.</summary>
internal sealed class BurstScenario : IScenario
{
    private const int Few = 16;
    private const int Many = 512;
    private const int CalmSeconds = 5;
    private const double RateKept = 0.8;
    private const double MegaByte = 1 << 20;

    private readonly Option<int> _seconds = new("--seconds") { Description = "How long the burst lasts.", DefaultValueFactory = _ => 10 };

    public string Name => "burst";

    public string Description => $"From {Few} to {Many} connections at once and back: rates, latencies, errors and memory.";

    public IReadOnlyList<Option> Options => [_seconds];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var gateway = await bench.StartAsync(SubjectList.Named(SubjectList.Gateway), withCounters: false, cancellationToken);
        Console.WriteLine("phase | requests/s | p50 ms | p99 ms | errors | resident MB afterwards");
        await RunAsync(gateway, "warm-up", Few, CalmSeconds, cancellationToken);
        var before = await RunAsync(gateway, "before", Few, CalmSeconds, cancellationToken);
        var burst = await RunAsync(gateway, "burst", Many, options.GetValue(_seconds), cancellationToken);
        var after = await RunAsync(gateway, "after", Few, CalmSeconds, cancellationToken);

        var verdict = new Verdict();
        Console.WriteLine();
        var errors = before.Errors + burst.Errors + after.Errors;
        verdict.Demand("nobody met an error", errors == 0, $"{errors} errors");
        verdict.Demand($"after it the rate is at {RateKept:0%} of before", after.Rate >= before.Rate * RateKept,
            string.Create(CultureInfo.InvariantCulture, $"{after.Rate:0} of {before.Rate:0} requests/s"));
        return verdict.IsYes;
    }

    private static async Task<WrkFigures> RunAsync(RunningSubject gateway, string phase, int connections, int seconds, CancellationToken cancellationToken)
    {
        var figures = await Wrk.RunAsync(gateway, Payload.AtOnce, connections, seconds, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{phase}, {connections} connections | {figures.Rate:0} | {figures.P50 / 1e3:0.0} | {figures.P99 / 1e3:0.0} | {figures.Errors} | {ProcessTree.ResidentBytes(gateway.Process.Id) / MegaByte:0}"));
        return figures;
    }
}
