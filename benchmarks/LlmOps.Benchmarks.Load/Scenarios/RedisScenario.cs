using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Comparing;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Redis is killed under load, stands still, and is slow; after each it is well again. What do callers notice, and when do replicas share answers again?</summary>
internal sealed class RedisScenario : IScenario
{
    // The gateway's default. A request may pay it once; as much again is left to what else the machine has to do meanwhile.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostAdded = 2 * CallTimeout;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan MostUntilShared = TimeSpan.FromSeconds(5);

    // What takes longer is told as that.
    private static readonly TimeSpan LongestUntilShared = TimeSpan.FromSeconds(20);

    private readonly Option<int> _seconds = new("--seconds") { Description = "How long each phase lasts.", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _slower = new("--slower") { Description = "How many milliseconds later a slow Redis answers.", DefaultValueFactory = _ => 50 };

    public string Name => "redis";

    public string Description => $"{RedisLoad.Callers} callers; Redis is killed, stands still and is slow, one after the other: who is failed, what it costs, and how soon replicas share answers again.";

    public IReadOnlyList<Option> Options => [_seconds, _slower];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var (time, slower) = (TimeSpan.FromSeconds(options.GetValue(_seconds)), options.GetValue(_slower));
        var redis = await bench.StartRedisAsync(cancellationToken);
        using var line = new DelayedLine(redis.Port);
        var gateway = await bench.StartAsync(Gateway("llmops, under load", line), withCounters: false, cancellationToken);
        var replica = await bench.StartAsync(Gateway("llmops, replica", line), withCounters: false, cancellationToken);
        using var probe = new ReplicaProbe(replica, gateway);
        await using var load = RedisLoad.Start(gateway, cancellationToken);
        var phases = new List<Phase>();

        // The gateways' own warm-up says nothing of them.
        await Task.Delay(WarmUp, cancellationToken);
        Console.WriteLine("Redis | requests | failed | p50 ms | p99 ms | p99 of the first second | longest || hit-memory | hit-redis | coalesced | miss | without Redis || shared after ms | last without Redis after ms");
        await ObserveAsync("up", Health.Up);

        redis.Kill();
        line.Close();
        await ObserveAsync("killed", Health.Down);
        await redis.RestartAsync(cancellationToken);
        line.Open();
        await ObserveAsync("started again", Health.Back);

        redis.Pause();
        await ObserveAsync("stands still", Health.Down);
        redis.Continue();
        await ObserveAsync("goes on", Health.Back);

        // Half of it on either way.
        line.Delay = TimeSpan.FromMilliseconds(slower) / 2;
        await ObserveAsync($"{slower} ms slower", Health.Down);
        line.Delay = TimeSpan.Zero;
        await ObserveAsync("as fast as before", Health.Back);

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- the callers themselves stood still for at most {load.LongestStall.TotalMilliseconds:0} ms (not judged)"));
        return Judge(phases, probe.Failures);

        async Task ObserveAsync(string name, Health health)
        {
            var begun = Stopwatch.GetTimestamp();
            load.Take();
            var shared = health == Health.Down ? null : await probe.SharesAsync(begun, LongestUntilShared, cancellationToken);
            var left = time - Stopwatch.GetElapsedTime(begun);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            phases.Add(new Phase(name, health, load.Take(), shared, load.LastDegraded > begun ? Stopwatch.GetElapsedTime(begun, load.LastDegraded) : null));
            Console.WriteLine(phases[^1]);
        }
    }

    // Everything at its default, the memory included, so that new questions ask Redis and known ones do not.
    private static Subject Gateway(string name, DelayedLine line)
    {
        var installed = SubjectList.Named(SubjectList.GatewayCached);
        return new(name)
        {
            IsDotNet = true,
            Headers = installed.Headers,
            Command = site => SubjectList.LlmOps(site,
                ("REDIS_URL", $"redis://127.0.0.1:{line.Port}"),
                ("Gateway__Redis__CallTimeout", CallTimeout.ToString("c", CultureInfo.InvariantCulture))),
        };
    }

    private static bool Judge(List<Phase> phases, List<string> probeFailures)
    {
        var verdict = new Verdict();
        var (down, back) = (phases.Where(phase => phase.Health == Health.Down).ToList(), phases.Where(phase => phase.Health == Health.Back).ToList());
        double P99Before(Phase phase) => phases[phases.IndexOf(phase) - 1].Tally.Percentile(99);
        double P50Before(Phase phase) => phases[phases.IndexOf(phase) - 1].Tally.Percentile(50);
        string Each(IEnumerable<Phase> some, Func<Phase, FormattableString> seen) =>
            string.Join("; ", some.Select(phase => $"{phase.Name}: {FormattableString.Invariant(seen(phase))}"));

        Console.WriteLine();
        verdict.Demand("no request failed, and each got the answer to its own question", phases.TrueForAll(phase => phase.Tally.Failed == 0) && probeFailures.Count == 0,
            phases.Exists(phase => phase.Tally.Failed > 0) || probeFailures.Count > 0
                ? $"{Each(phases.Where(phase => phase.Tally.Failed > 0), phase => $"{phase.Tally.FailureLine}")}; the probe: {string.Join(", ", probeFailures.Distinct())}"
                : $"{phases.Sum(phase => phase.Tally.Requests)} requests");
        verdict.Demand("who could not ask Redis was told so (X-LlmOps-Degraded)", down.TrueForAll(phase => phase.Tally.Degraded > 0),
            Each(down, phase => $"{phase.Tally.Degraded} of {phase.Tally.Requests - phase.Tally.Of("hit-memory")} that were not answered from memory"));
        verdict.Demand("what is in memory was given all the same", down.TrueForAll(phase => phase.Tally.Of("hit-memory") > 0), Each(down, phase => $"{phase.Tally.Of("hit-memory")}"));
        verdict.Demand(
            string.Create(CultureInfo.InvariantCulture, $"it added at most one wait of {CallTimeout.TotalMilliseconds:0} ms (Gateway:Redis:CallTimeout) to the p99, and {(MostAdded - CallTimeout).TotalMilliseconds:0} ms are the machine's; in the first second too"),
            down.TrueForAll(phase => Math.Max(phase.Tally.Percentile(99), phase.Tally.PercentileAtOnset(99)) <= P99Before(phase) + MostAdded.TotalMilliseconds),
            Each(down, phase => $"p50 {phase.Tally.Percentile(50) - P50Before(phase):+0.0;-0.0} ms, p99 {phase.Tally.Percentile(99) - P99Before(phase):+0.0;-0.0} ms, in the first second {phase.Tally.PercentileAtOnset(99) - P99Before(phase):+0.0;-0.0} ms"));
        verdict.Demand(string.Create(CultureInfo.InvariantCulture, $"replicas shared answers again within {MostUntilShared.TotalSeconds:0} s"), back.TrueForAll(phase => phase.Shared <= MostUntilShared),
            Each(back, phase => $"{(phase.Shared is { } shared ? MarkdownTable.Number(shared.TotalSeconds, "0.00") : $"more than {LongestUntilShared.TotalSeconds:0}")} s"));
        return verdict.IsYes;
    }

    /// <summary>How Redis fares.</summary>
    private enum Health
    {
        Up,
        Down,
        Back,
    }

    /// <summary>A span of time with Redis in one state.</summary>
    /// <param name="Name">What Redis does.</param>
    /// <param name="Health">What that is.</param>
    /// <param name="Tally">What ended within it.</param>
    /// <param name="Shared">How soon replicas shared an answer; null where they did not, or nobody looked.</param>
    /// <param name="LastDegraded">How long there were still requests that could not ask Redis; null where there was none.</param>
    private sealed record Phase(string Name, Health Health, CacheTally Tally, TimeSpan? Shared, TimeSpan? LastDegraded)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Name} | {Tally.Requests} | {Tally.Failed} | {Tally.Percentile(50):0.0} | {Tally.Percentile(99):0.0} | {Tally.PercentileAtOnset(99):0.0} | {Tally.Percentile(100):0.0} || {Tally.Of("hit-memory")} | {Tally.Of("hit-redis")} | {Tally.Of("coalesced")} | {Tally.Of("miss")} | {Tally.Degraded} || {MarkdownTable.Number(Shared?.TotalMilliseconds, "0")} | {MarkdownTable.Number(LastDegraded?.TotalMilliseconds, "0")}");
    }
}
