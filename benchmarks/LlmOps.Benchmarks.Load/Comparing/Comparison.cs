using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>Measures all subjects side by side. Progress goes to standard error, the report to standard output.</summary>
/// <param name="plan">What is measured, and how often.</param>
/// <param name="workspace">What was published.</param>
/// <param name="only">The subjects' names; all where it is empty.</param>
internal sealed class Comparison(Plan plan, Workspace workspace, IReadOnlyCollection<string> only)
{
    private const int WarmUpConnections = 64;
    private const int WarmUpStreams = 32;
    private const double SettledWithin = 0.05;
    private const int SettledRuns = 3;

    // Where others keep the machine busy, calls to Redis may take longer than the gateway waits for them, and then it asks
    // nothing for a second.
    private const double MostUnexpected = 0.01;
    private const int Checks = 3;
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPriming = TimeSpan.FromSeconds(10);

    private readonly Results _results = new();

    /// <summary>Measures, and writes the report.</summary>
    public async Task RunAsync(string command, CancellationToken cancellationToken)
    {
        using var bench = await Bench.OpenAsync(workspace, cancellationToken);
        foreach (var subject in SubjectList.All)
        {
            if (only.Count > 0 && !only.Contains(subject.Name))
            {
                LeaveOut(subject, "others were asked for");
            }
            else if (subject.Fault(workspace) is { } fault)
            {
                LeaveOut(subject, fault);
            }
        }

        if (RedisServer.Fault is null)
        {
            await bench.StartRedisAsync(cancellationToken);
        }

        await MeasureStartUpAsync(bench, cancellationToken);
        var running = await StartAllAsync(bench, cancellationToken);
        await using var scraper = new MetricsScraper([.. running.Where(subject => subject.Subject.TellsTelemetry).Select(subject => subject.Port)]);
        await WarmUpAsync(running, cancellationToken);
        for (var round = 0; round < plan.Rounds; round++)
        {
            await RoundAsync(round, running, cancellationToken);
        }

        foreach (var subject in running)
        {
            _results.Memory[subject.Subject] = (_results.Memory[subject.Subject].Before, ProcessTree.ResidentBytes(subject.Process.Id));
            if (subject.Subject.TellsTelemetry)
            {
                _results.Telemetry[subject.Subject] = await SinkState.AllOfAsync(subject.Port, cancellationToken);
            }
        }

        var report = new Report(plan, _results).Write(command, workspace.Commit);
        Console.Out.Write(report);
        Progress($"written to {workspace.WriteResult(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd-HHmmss}.md"), report)}");
    }

    // Round 0 is not counted: a first start makes the data folder's files, and reads every program from the disk.
    private async Task MeasureStartUpAsync(Bench bench, CancellationToken cancellationToken)
    {
        for (var round = 0; round <= plan.StartUps; round++)
        {
            Progress($"start-up {round} of {plan.StartUps}");
            foreach (var subject in SubjectList.All.Where(subject => subject.Command is not null && !_results.NotMeasured.ContainsKey(subject)))
            {
                try
                {
                    var begun = Stopwatch.GetTimestamp();
                    using var started = bench.Launch(subject, withCounters: false);
                    await Bench.WaitAsync(started, LongestStart, cancellationToken);
                    if (round > 0)
                    {
                        _results.StartUps(subject).Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                    }
                }
                catch (BenchmarkException exception)
                {
                    LeaveOut(subject, exception.Message);
                }
            }
        }
    }

    private async Task<List<RunningSubject>> StartAllAsync(Bench bench, CancellationToken cancellationToken)
    {
        var running = new List<RunningSubject>();
        foreach (var subject in SubjectList.All.Where(subject => !_results.NotMeasured.ContainsKey(subject)))
        {
            var started = await bench.StartAsync(subject, withCounters: true, cancellationToken);
            _results.Memory[subject] = (ProcessTree.ResidentBytes(started.Process.Id), 0);
            running.Add(started);
        }

        return running;
    }

    // Until the rate no longer grows: .NET and node compile what is hot while they run.
    private async Task WarmUpAsync(List<RunningSubject> running, CancellationToken cancellationToken)
    {
        Progress("warm-up");
        await Task.WhenAll(running.Where(subject => subject.Subject.HasStreams)
            .Select(subject => StreamLoad.RunAsync(subject, WarmUpStreams, TimeSpan.FromSeconds(plan.StreamWarmUp), cancellationToken)));
        foreach (var subject in running)
        {
            await PrimeAsync(subject, cancellationToken);
            var (best, settled) = (0.0, 0);
            for (var run = 1; run <= plan.MostWarmUps && settled < SettledRuns; run++)
            {
                var rate = (await Wrk.RunAsync(subject, Payload.AtOnce, WarmUpConnections, 2, cancellationToken)).Rate;
                settled = run > plan.LeastWarmUps && rate <= best * (1 + SettledWithin) ? settled + 1 : 0;
                best = Math.Max(best, rate);
            }

            await CheckAsync(subject, cancellationToken);
        }
    }

    // An answer that is to come from a cache has to be there, and the gateway has to have found Redis.
    private static async Task PrimeAsync(RunningSubject subject, CancellationToken cancellationToken)
    {
        if (subject.Subject is not { CacheStatus: { } expected, VariesRequests: false })
        {
            return;
        }

        using var caller = new Caller(subject.Port);
        var request = subject.Request(Payload.Body(Payload.AtOnce));
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < LongestPriming; await Task.Delay(10, cancellationToken))
        {
            await caller.AskAsync(request, cancellationToken);
            if (caller.Response?.CacheStatus == expected)
            {
                return;
            }
        }

        throw new BenchmarkException(
            $"{subject.Subject.Name} is to answer with {expected}, and after {LongestPriming.TotalSeconds:0} s still answers with {caller.Response?.CacheStatus ?? "no X-LlmOps-Cache"}: {subject.Process.OutputEnd()}");
    }

    // Whether it does what its name says, once it is warm; so that a ratio is not one of something else.
    private static async Task CheckAsync(RunningSubject subject, CancellationToken cancellationToken)
    {
        for (var check = 1; subject.Subject.CacheStatus is { } expected; check++)
        {
            var figures = await Wrk.RunAsync(subject, Payload.AtOnce, WarmUpConnections, 1, cancellationToken, looks: true);
            if (figures.Errors == 0 && figures.Unexpected <= figures.Requests * MostUnexpected)
            {
                return;
            }

            if (check == Checks)
            {
                throw new BenchmarkException(
                    $"{subject.Subject.Name} is to answer with {expected}: of {figures.Requests} answers {figures.Unexpected} were others and {figures.Errors} errors, so there is nothing to compare.");
            }

            await Task.Delay(BetweenChecks, cancellationToken);
        }
    }

    private async Task RoundAsync(int round, List<RunningSubject> running, CancellationToken cancellationToken)
    {
        var order = new Random(round);
        foreach (var setting in plan.Loads)
        {
            Progress($"round {round + 1} of {plan.Rounds}: {setting.Title}");
            foreach (var subject in InTurn(running, order, setting.Turns).Where(subject => setting.Includes(subject.Subject)))
            {
                _results.Loads(setting, subject.Subject).Add(await Cost.OfAsync(
                    subject.Process, () => Wrk.RunAsync(subject, setting.User, setting.Connections, setting.Seconds, cancellationToken)));
            }
        }

        foreach (var setting in plan.Streams)
        {
            Progress($"round {round + 1} of {plan.Rounds}: {setting.Title}");
            foreach (var subject in InTurn(running, order, setting.Turns).Where(subject => setting.Includes(subject.Subject)))
            {
                _results.Streams(setting, subject.Subject).Add(await Cost.OfAsync(
                    subject.Process, () => StreamLoad.RunAsync(subject, setting.Callers, TimeSpan.FromSeconds(setting.Seconds), cancellationToken)));
            }
        }
    }

    // Nobody is always the one after the heaviest. The same seeds, so that runs differ in nothing else.
    private static IEnumerable<RunningSubject> InTurn(List<RunningSubject> running, Random order, int turns)
    {
        var inTurn = running.ToArray();
        for (var turn = 0; turn < turns; turn++)
        {
            order.Shuffle(inTurn);
            foreach (var subject in inTurn)
            {
                yield return subject;
            }
        }
    }

    private void LeaveOut(Subject subject, string reason)
    {
        _results.NotMeasured[subject] = reason;
        Progress($"{subject.Name} is not measured: {reason}");
    }

    private static void Progress(string message) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss} {message}"));
}
