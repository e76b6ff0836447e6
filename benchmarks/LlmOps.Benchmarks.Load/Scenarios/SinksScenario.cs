using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Those that telemetry is sent to fail in one way after the other under a steady load.</summary>
internal sealed class SinksScenario : IScenario
{
    private const double MegaByte = 1 << 20;

    // In an order in which nothing is refused that was taken before, but not answered: it would be both there and dropped.
    private static readonly string[] Phases = ["well", FaultySinks.Down, "slow", "partial", "413", "garbage", "well again"];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Option<double> _minutes = new("--minutes") { Description = "How long the load lasts, in equal phases.", DefaultValueFactory = _ => 5 };
    private readonly Option<string> _langfuse = new("--langfuse") { Description = "Langfuse's version; from 3.22 on it takes OTLP, before events, each of which has its own answer.", DefaultValueFactory = _ => "3.21.0" };

    public string Name => "sinks";

    public string Description => $"Langfuse, MLflow and Kafka fail in {Phases.Length - 2} ways under {SinkLoad.Rate} requests/s: does any request fail, and is each there or counted as dropped?";

    public IReadOnlyList<Option> Options => [_minutes, _langfuse];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var time = TimeSpan.FromMinutes(options.GetValue(_minutes)) / Phases.Length;
        using var sinks = await FaultySinks.StartAsync(bench.Workspace, options.GetValue(_langfuse)!, cancellationToken);
        var gateway = await bench.StartAsync(new Subject("llmops, sinks") { IsDotNet = true, Command = site => SubjectList.LlmOps(site, sinks.Settings) }, withCounters: false, cancellationToken);
        using var load = SinkLoad.Of(gateway);

        // The one that it was waited for with is told as well.
        List<SinkLoadAnswer> all = [.. await load.RunAsync(WarmUp, cancellationToken)];
        var failed = new Period();
        Ratios? first = null;
        IReadOnlyList<SinkState> afterFirst = [];
        Console.WriteLine("sinks | requests | failed | whole answers, p50 ms | p99 ms | streams, p50 ms | p99 ms || × first: p50 | p99 | p50 | p99 || gateway's resident MB");
        foreach (var phase in Phases)
        {
            await sinks.SwitchAsync(phase, cancellationToken);
            var answers = await load.RunAsync(time, cancellationToken);
            all.AddRange(answers);
            var seen = Ratios.Of(answers);
            if (first is null)
            {
                (first, afterFirst) = (seen, await SinkState.AllOfAsync(gateway.Port, cancellationToken));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{phase} | {answers.Length} | {answers.Count(answer => answer.Failure is not null)} | {seen} || {seen.Over(first)} || {ProcessTree.ResidentBytes(gateway.Process.Id) / MegaByte:0.0}"));
            if (ProcessTree.ResidentBytes(gateway.Process.Id) == 0)
            {
                throw new BenchmarkException($"The gateway has ended: {gateway.Process.OutputEnd()}");
            }
        }

        all.ForEach(answer =>
        {
            if (answer.Failure is { } failure)
            {
                failed.AddError(failure);
            }
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- the callers themselves stood still for at most {load.LongestStall.TotalMilliseconds:0} ms (not judged)"));
        return await JudgeAsync(gateway, sinks, all.Count + 1, failed, afterFirst, cancellationToken);
    }

    private static async Task<bool> JudgeAsync(RunningSubject gateway, FaultySinks sinks, long requests, Period failed, IReadOnlyList<SinkState> afterFirst, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var (states, taken) = (await SinkState.AllOfAsync(gateway.Port, cancellationToken), await sinks.CountAsync(cancellationToken));
        while (Stopwatch.GetElapsedTime(begun) < LongestEnd && !taken.Keys.All(name => IsOver(states, name, requests)))
        {
            await Task.Delay(Pause, cancellationToken);
            (states, taken) = (await SinkState.AllOfAsync(gateway.Port, cancellationToken), await sinks.CountAsync(cancellationToken));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- all was told {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s after the load (not judged)"));
        Console.WriteLine();
        Console.WriteLine("sink | requests there | came again | dropped || delivered, as the gateway says | wait in memory | bytes on the disk");
        var verdict = new Verdict();
        List<(string Name, TakenCounts Taken, SinkState State)> ends = [.. taken.Select(sink => (sink.Key, sink.Value, states.Single(state => state.Name == sink.Key)))];
        foreach (var (name, there, state) in ends)
        {
            Console.WriteLine($"{name} | {there.Unique} | {there.Repeated} | {state.Dropped} || {state.Delivered} | {state.Waiting} | {state.Spooled}");
        }

        Console.WriteLine();
        verdict.Demand("no request failed", failed.Errors.Count == 0, failed.Errors.Count == 0 ? $"{requests} requests" : failed.ErrorLine);
        verdict.Demand("while all was well all was told, and nothing dropped", afterFirst.Count > 0 && afterFirst.All(state => state is { Dropped: 0, Delivered: > 0 }),
            string.Join(", ", afterFirst.Select(state => $"{state.Name} {state.Delivered} and {state.Dropped}")));
        foreach (var (name, there, state) in ends)
        {
            verdict.Demand($"{name} has each request, or it is counted as dropped", there.Unique + state.Dropped == requests, $"{there.Unique} + {state.Dropped} of {requests}");
        }

        var (summed, known) = (taken["mlflow"].Summed, taken["mlflow"].Unique);
        verdict.Demand("mlflow's metrics count each once", summed == known, $"{summed} of {known}");
        return verdict.IsYes;
    }

    private static bool IsOver(IReadOnlyList<SinkState> states, string name, long requests) =>
        states.Any(state => state.Name == name && state is { Waiting: 0, Spooled: 0 } && state.Delivered + state.Dropped >= requests);

    /// <summary>How long requests took, or how many times as long as in another phase.</summary>
    private sealed record Ratios(double P50, double P99, double StreamP50, double StreamP99)
    {
        public static Ratios Of(SinkLoadAnswer[] answers)
        {
            var (whole, streams) = (Sorted(answers, ofStreams: false), Sorted(answers, ofStreams: true));
            return new Ratios(Statistics.Percentile(whole, 50), Statistics.Percentile(whole, 99), Statistics.Percentile(streams, 50), Statistics.Percentile(streams, 99));
        }

        public Ratios Over(Ratios first) => new(P50 / first.P50, P99 / first.P99, StreamP50 / first.StreamP50, StreamP99 / first.StreamP99);

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{P50:0.00} | {P99:0.0} | {StreamP50:0.00} | {StreamP99:0.0}");

        private static double[] Sorted(SinkLoadAnswer[] answers, bool ofStreams) =>
            [.. answers.Where(answer => answer.IsStream == ofStreams && answer.Failure is null).Select(answer => answer.Milliseconds).Order()];
    }
}
