using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Comparing;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>The provider dies under load and comes back.</summary>
internal sealed class OutageScenario : IScenario
{
    private const int Callers = 32;
    private const int Streams = 32;
    private const int SecondsBefore = 8;
    private const int SecondsAfter = 15;

    // The first seconds are the gateway's own warm-up and say nothing of its rate.
    private const int WarmUpSeconds = 3;
    private const double FullRate = 0.9;

    private readonly Option<int> _seconds = new("--seconds") { Description = "How long the upstream is away.", DefaultValueFactory = _ => 10 };

    public string Name => "outage";

    public string Description => "The upstream is killed under load and comes back: what callers are told, and how soon all is well again.";

    public IReadOnlyList<Option> Options => [_seconds];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var gateway = await bench.StartAsync(SubjectList.Named(SubjectList.Gateway), withCounters: false, cancellationToken);
        var (before, during, after) = (new List<Period>(), new List<Period>(), new List<Period>());
        await using var load = MixedLoad.Start(gateway, Callers, Streams, leavers: 0, cancellationToken);
        Console.WriteLine("upstream, second | answered | p99 ms | streams whole | cut and told | cut otherwise | errors");

        await ObserveAsync(load, "up", SecondsBefore, before, cancellationToken);
        bench.KillUpstream();
        await ObserveAsync(load, "down", options.GetValue(_seconds), during, cancellationToken);
        load.Watch();
        await bench.RestartUpstreamAsync(cancellationToken);
        var returned = Stopwatch.GetTimestamp();
        await ObserveAsync(load, "back", SecondsAfter, after, cancellationToken);

        return Judge(before, during, after, load.FirstAnswer is { } first ? Math.Max(0, Stopwatch.GetElapsedTime(returned, first).TotalMilliseconds) : null);
    }

    private static async Task ObserveAsync(MixedLoad load, string phase, int seconds, List<Period> periods, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var second = 1; second <= seconds; second++)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var period = load.Take();
            periods.Add(period);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{phase} {second} | {period.Latencies.Count} | {MarkdownTable.Number(period.P99, "0")} | {period.Ended(StreamEnd.Complete)} | {period.Ended(StreamEnd.Told)} | {period.Ended(StreamEnd.FalselyEnded) + period.Ended(StreamEnd.Broken)} | {period.ErrorLine}"));
        }
    }

    private static bool Judge(List<Period> before, List<Period> during, List<Period> after, double? firstAnswer)
    {
        var all = new Period();
        foreach (var period in (List<Period>)[.. before, .. during, .. after])
        {
            all.Add(period);
        }

        var rate = before.Skip(WarmUpSeconds).Average(period => period.Latencies.Count);
        var full = after.FindIndex(period => period.Latencies.Count >= rate * FullRate);
        var verdict = new Verdict();
        Console.WriteLine();
        verdict.Demand("before the outage nothing failed", before.TrueForAll(period => period.Errors.Count == 0 && period.Streams.Keys.All(end => end == StreamEnd.Complete)),
            string.Create(CultureInfo.InvariantCulture, $"{rate:0} answers/s"));
        verdict.Demand("the outage cut streams, each of which ended with an error event, without [DONE] and without the body's regular end",
            all.Ended(StreamEnd.Told) > 0 && all.Ended(StreamEnd.FalselyEnded) == 0 && all.Ended(StreamEnd.Broken) == 0,
            $"{all.Ended(StreamEnd.Told)} so, {all.Ended(StreamEnd.FalselyEnded)} seemed whole, {all.Ended(StreamEnd.Broken)} broke without a word");
        verdict.Demand("every other error came with a status and a JSON error body", all.Errors.Count > 0 && all.Untold == 0, $"{all.Untold} did not; {all.ErrorLine}");
        verdict.Demand("answers came again", firstAnswer is not null, firstAnswer is { } milliseconds
            ? string.Create(CultureInfo.InvariantCulture, $"the first one {milliseconds:0} ms after the upstream answered again") : "none");
        verdict.Demand($"the rate was back at {FullRate:0%} of before", full >= 0, full >= 0 ? $"within second {full + 1} after the return" : $"not within {SecondsAfter} s");
        return verdict.IsYes;
    }
}
