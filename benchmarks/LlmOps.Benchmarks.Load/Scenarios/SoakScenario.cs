using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Comparing;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Hours of mixed load: does anything grow?</summary>
internal sealed class SoakScenario : IScenario
{
    private const int Callers = 16;
    private const int Streams = 32;
    private const int Leavers = 8;
    private const int SamplesPerMinute = 12;
    private const double MegaByte = 1 << 20;

    // What a day of it would make a hundred megabytes of.
    private const double MostMegaBytesPerHour = 4;

    private static readonly TimeSpan ShortestToJudge = TimeSpan.FromHours(1);

    private readonly Option<double> _hours = new("--hours") { Description = "How long it lasts; 0.1 is six minutes.", DefaultValueFactory = _ => 1 };

    public string Name => "soak";

    public string Description => "Mixed load for hours, with callers that leave in the middle of a stream: memory, handles and errors.";

    public IReadOnlyList<Option> Options => [_hours];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var length = TimeSpan.FromHours(options.GetValue(_hours));
        var gateway = await bench.StartAsync(SubjectList.Named(SubjectList.Gateway), withCounters: true, cancellationToken);
        var (all, resident, handles) = (new Totals(), new List<(double Hours, double MegaBytes)>(), new List<(double Hours, double Count)>());
        Console.WriteLine("minute | answered | p99 ms | streams whole | left | errors | resident MB | heap MB | allocated MB/s | handles");

        var begun = Stopwatch.GetTimestamp();
        var counters = RuntimeCounters.Read(gateway.Process)!;
        await using (var load = MixedLoad.Start(gateway, Callers, Streams, Leavers, cancellationToken))
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1) / SamplesPerMinute);
            for (var sample = 1; Stopwatch.GetElapsedTime(begun) < length; sample++)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                var hours = Stopwatch.GetElapsedTime(begun).TotalHours;
                resident.Add((hours, ProcessTree.ResidentBytes(gateway.Process.Id) / MegaByte));
                handles.Add((hours, ProcessTree.Handles(gateway.Process.Id)));
                if (sample % SamplesPerMinute == 0)
                {
                    var (period, now) = (load.Take(), RuntimeCounters.Read(gateway.Process)!);
                    all.Add(period);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{sample / SamplesPerMinute} | {period.Latencies.Count} | {MarkdownTable.Number(period.P99, "0")} | {period.Ended(StreamEnd.Complete)} | {period.Ended(StreamEnd.Left)} | {Totals.ErrorsOf(period)} | {resident[^1].MegaBytes:0.0} | {now.HeapBytes / MegaByte:0.0} | {(now.AllocatedBytes - counters.AllocatedBytes) / MegaByte / 60:0.0} | {handles[^1].Count:0}"));
                    counters = now;
                }
            }

            all.Add(load.Take());
        }

        return Judge(length, all, resident, handles);
    }

    private static bool Judge(TimeSpan length, Totals all, List<(double Hours, double MegaBytes)> resident, List<(double Hours, double Count)> handles)
    {
        // Twice the standard error is roughly a 95 % interval; memory that wanders makes it somewhat wider than this.
        var (slope, error) = Statistics.LeastSquares(resident[(resident.Count / 2)..]);
        var (handleSlope, handleError) = Statistics.LeastSquares(handles[(handles.Count / 2)..]);
        var verdict = new Verdict();
        Console.WriteLine();
        verdict.Demand("nobody met an error", all.Errors == 0, $"{all.Errors} errors, {all.Answered} answers, {all.Whole} whole streams, {all.Left} left by their callers");
        var memory = string.Create(CultureInfo.InvariantCulture, $"{slope:0.0} ± {2 * error:0.0} MB/hour over the second half");
        var files = string.Create(CultureInfo.InvariantCulture, $"{handleSlope:0.0} ± {2 * handleError:0.0} per hour over the second half");
        if (length < ShortestToJudge)
        {
            Console.WriteLine($"--- memory (not judged, for in less than an hour it has not settled): {memory}");
            Console.WriteLine($"--- handles (not judged): {files}");
        }
        else
        {
            verdict.Demand($"memory does not grow by more than {MostMegaBytesPerHour} MB/hour", slope - 2 * error <= MostMegaBytesPerHour, memory);
            verdict.Demand("handles do not grow", handleSlope - 2 * handleError <= 1, files);
        }

        return verdict.IsYes;
    }

    /// <summary>The counts of all minutes; their latencies are not kept, for hours of them would be the harness's own leak.</summary>
    private sealed class Totals
    {
        public long Answered { get; private set; }

        public long Whole { get; private set; }

        public long Left { get; private set; }

        public long Errors { get; private set; }

        /// <summary>Failed requests and streams that ended as none should.</summary>
        public static long ErrorsOf(Period period) =>
            period.Errors.Values.Sum() + period.Ended(StreamEnd.Told) + period.Ended(StreamEnd.FalselyEnded) + period.Ended(StreamEnd.Broken);

        public void Add(Period period)
        {
            Answered += period.Latencies.Count;
            Whole += period.Ended(StreamEnd.Complete);
            Left += period.Ended(StreamEnd.Left);
            Errors += ErrorsOf(period);
        }
    }
}
