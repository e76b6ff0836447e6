using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Comparing;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>
/// The first of a model's two targets fails in every way under load, one after the other, and is well in between; the
/// second one is well throughout. Who is failed, and what the failing one and the other are asked meanwhile?
/// </summary>
internal sealed class FaultsScenario : IScenario
{
    /// <summary>The provider that fails.</summary>
    public const string Primary = "primary";

    private const string Secondary = "secondary";
    private const string Model = "assistant";
    private const double MostAttempts = 1.1;

    // Defaults of the gateway: Breaker:Cooldown, and KeyCooldown, after which the primary is asked again; and some more.
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(5);

    // So many calls at a time see whether streams that have begun also come to their end (CircuitBreaker.MostProbes).
    private const int ProbesWithContent = 3;
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    // Longer than what a fault has begun can last: rows count what ended until the next one.
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(10);

    // The longest a fault's 429 asks for beyond the fault's own time, so that until its end the key rests.
    private const int RestsLonger = 2;

    private readonly Option<int> _seconds = new("--seconds") { Description = "How long each fault lasts; in less than the breaker's 5 s no probe meets it.", DefaultValueFactory = _ => 8 };
    private readonly Option<string[]> _only = new("--only") { Description = "Only these faults.", AllowMultipleArgumentsPerToken = true };

    public FaultsScenario() => _only.AcceptOnlyFromAmong([.. UpstreamFault.All.Select(fault => fault.Name)]);

    public string Name => "faults";

    public string Description => $"{FaultLoad.Callers} callers; the first of two targets fails in every way, one after the other: who is failed, and what the targets are asked.";

    public IReadOnlyList<Option> Options => [_seconds, _only];

    public async Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken)
    {
        var seconds = options.GetValue(_seconds);
        var faults = UpstreamFault.All.Where(fault => options.GetValue(_only) is not { Length: > 0 } only || only.Contains(fault.Name)).ToList();
        using var primary = await FaultyUpstream.StartAsync(bench.Workspace, Primary, LongestStart, cancellationToken);
        using var secondary = await FaultyUpstream.StartAsync(bench.Workspace, Secondary, LongestStart, cancellationToken);
        var gateway = await bench.StartAsync(Gateway(primary, secondary), withCounters: false, cancellationToken);
        using var watch = new TargetWatch(gateway, Model);
        var rows = new List<Row>();
        long attempts, requests;
        Dictionary<int, long> leftAt;
        await using (var load = FaultLoad.Start(gateway, Model, cancellationToken))
        {
            // The gateway's own warm-up says nothing of it.
            await Task.Delay(WarmUp, cancellationToken);
            await ReturnAsync(load, watch, cancellationToken);
            load.Take(mayCut: false);
            (attempts, requests) = (-await CallsAsync(), -load.Begun);

            Console.WriteLine("the primary | requests | by primary | by secondary | failed | cut and told | left || left alone after ms | it got | of them left alone | attempts/request || back after ms");
            foreach (var fault in faults)
            {
                var row = await FailAsync(fault, seconds, primary, watch, load, cancellationToken);
                rows.Add(row);
                Console.WriteLine(row);
            }

            (attempts, requests) = (attempts + await CallsAsync(), requests + load.Begun);
            leftAt = load.LeftSince(rows[0].BegunAt);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- the callers themselves stood still for at most {load.LongestStall.TotalMilliseconds:0} ms (not judged)"));
        }

        var ofPrimary = await LeaversAsync(primary, cancellationToken);
        var ofSecondary = await LeaversAsync(secondary, cancellationToken);
        return Judge(rows, seconds, attempts, requests, leftAt, ofPrimary, ofSecondary);

        async Task<long> CallsAsync() => (await primary.CountAsync(cancellationToken)).Received + (await secondary.CountAsync(cancellationToken)).Received;
    }

    // Defaults of routing, but for limits on silence: with them a silent fault would last longer than its phase. A whole
    // stream takes 1.2 s here, and a whole answer 0.15 s.
    private static Subject Gateway(FaultyUpstream primary, FaultyUpstream secondary) => new("llmops, two targets")
    {
        IsDotNet = true,
        Command = site => SubjectList.LlmOps(site,
            ("LLMOPS_ADMIN_KEY", SubjectList.AdministratorKey),
            ("Gateway__Providers__primary__Type", "openai"),
            ("Gateway__Providers__primary__BaseUrl", $"http://127.0.0.1:{primary.Port}/v1"),
            ("Gateway__Providers__primary__ApiKey", "sk-primary"),
            ("Gateway__Providers__secondary__Type", "openai"),
            ("Gateway__Providers__secondary__BaseUrl", $"http://127.0.0.1:{secondary.Port}/v1"),
            ("Gateway__Providers__secondary__ApiKey", "sk-secondary"),
            ("Gateway__Models__assistant__Strategy", "order"),
            ("Gateway__Models__assistant__Targets__0__Provider", Primary),
            ("Gateway__Models__assistant__Targets__0__Model", "gpt-4o-mini"),
            ("Gateway__Models__assistant__Targets__1__Provider", Secondary),
            ("Gateway__Models__assistant__Targets__1__Model", "gpt-4o-mini"),
            ("Gateway__Routing__HeaderTimeout", "2s"), // a stream whose headers do not come
            ("Gateway__Routing__FirstChunkTimeout", "2s"), // a stream that is headers only, or drips
            ("Gateway__Routing__InterChunkTimeout", "2s"), // a stream that falls silent midway, and a body that does
            ("Gateway__Routing__TotalTimeout", "5s")), // an answer that is not streamed: silence, headers only, a drip
    };

    private static async Task<Row> FailAsync(
        UpstreamFault fault, int seconds, FaultyUpstream primary, TargetWatch watch, FaultLoad load, CancellationToken cancellationToken)
    {
        // 1. The fault, until its time is over.
        load.Take(fault.CutsStreams);
        var inFlight = load.InFlight;
        var begun = Stopwatch.GetTimestamp();
        var before = await primary.SwitchAsync(fault.Name, seconds + RestsLonger, cancellationToken);
        (long At, long Received, long OnTheWay)? leftAlone = null;
        using (var timer = new PeriodicTimer(Glance))
        {
            while (Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                if (leftAlone is null && await watch.LookAsync(cancellationToken) is { IsLeftAlone: true } target)
                {
                    // What the gateway has sent and the primary has not received yet may still come.
                    var counts = await primary.CountAsync(cancellationToken);
                    leftAlone = (Stopwatch.GetTimestamp(), counts.Received, Math.Max(0, target.InFlight - counts.Open));
                }
            }
        }

        // 2. Health, until the primary serves again and for some time more.
        var inFlightAtReturn = load.InFlight;
        var during = load.Take(fault.CutsStreams);
        var after = await primary.SwitchAsync(FaultyUpstream.None, 0, cancellationToken);
        var returned = Stopwatch.GetTimestamp();
        var back = await ReturnAsync(load, watch, cancellationToken);
        await Task.Delay(Healthy, cancellationToken);
        return new Row(fault, begun, inFlight, during, returned, inFlightAtReturn, load.Take(mayCut: false), after.Received - before.Received,
            leftAlone is { } alone ? (alone.At, after.Received - alone.Received, alone.OnTheWay) : null, back);
    }

    // Until the primary has answered a new request and is left alone no more: one answer may have been a probe's.
    private static async Task<TimeSpan?> ReturnAsync(FaultLoad load, TargetWatch watch, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var served = load.ServedAgainAsync();
        while (!served.IsCompleted || (await watch.LookAsync(cancellationToken)).IsLeftAlone)
        {
            if (Stopwatch.GetElapsedTime(since) > LongestReturn)
            {
                return null;
            }

            await Task.Delay(Glance, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(since);
    }

    // The calls of leaving callers, when they have all ended, or had the time to.
    private static async Task<LeaverCall[]> LeaversAsync(FaultyUpstream upstream, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var calls = await upstream.LeaversAsync(cancellationToken);
            if (!calls.Any(call => call.IsOpen) || Stopwatch.GetElapsedTime(begun) > LongestClose)
            {
                return calls;
            }

            await Task.Delay(Glance, cancellationToken);
        }
    }

    private static bool Judge(
        List<Row> rows, int seconds, long attempts, long requests, Dictionary<int, long> leftAt, LeaverCall[] ofPrimary, LeaverCall[] ofSecondary)
    {
        var verdict = new Verdict();
        Console.WriteLine();
        verdict.Demand("no request failed that the second target could serve; a stream that was cut after content said so",
            rows.TrueForAll(row => row.All.Failed == 0),
            rows.Exists(row => row.All.Failed > 0)
                ? string.Join("; ", rows.Where(row => row.All.Failed > 0).Select(row => $"{row.Fault.Name}: {row.All.FailureLine}"))
                : $"{rows.Sum(row => row.All.Requests)} requests, {rows.Sum(row => row.All.Told)} cut and told");

        // A probe whose caller leaves shows nothing, and the next caller's is one in its stead: those are told, and not counted.
        var probes = (int)(seconds / Cooldown.TotalSeconds) + 1;
        var calls = rows.Select(row => (row.Fault, row.LeftAlone, row.Received,
            Abandoned: ofPrimary.Count(call => call.BegunAt > row.LeftAlone?.At && call.BegunAt < row.ReturnedAt && call.IsClosed && leftAt.TryGetValue(call.Leaver, out var at) && at < call.EndedAt))).ToList();
        var pestered = calls.Where(row => row.LeftAlone is not { } alone || alone.Received - row.Abandoned > (row.Fault.IsOfKey ? 0 : row.Fault.CutsStreams ? probes * ProbesWithContent : probes) + alone.OnTheWay).ToList();
        verdict.Demand($"while it fails the primary is left alone, but for {probes} probes ({ProbesWithContent} at a time once one has content, none where its key rests) and what was on the way then", pestered.Count == 0,
            pestered.Count == 0 ? $"at most {calls.Max(row => row.LeftAlone!.Value.Received - row.Abandoned)} calls, and {calls.Sum(row => row.Abandoned)} probes in all whose callers left"
                : string.Join("; ", pestered.Select(row => row.LeftAlone is { } alone
                    ? $"{row.Fault.Name}: {alone.Received} calls, of which {row.Abandoned} whose callers left, {alone.OnTheWay} on the way" : $"{row.Fault.Name}: never left alone, {row.Received} calls")));

        // As the gateway tells of every answer, for each fault and each return; and as the upstreams counted, over all.
        var wasteful = rows.SelectMany<Row, (string Name, FaultTally Tally, int InFlight)>(row =>
            [(row.Fault.Name, row.During, row.InFlight), ($"after {row.Fault.Name}", row.After, row.InFlightAtReturn)])
            .Where(span => span.Tally.Attempts > MostAttempts * span.Tally.Counted + span.InFlight).ToList();
        var inFlight = rows.Sum(row => row.InFlight + row.InFlightAtReturn);
        verdict.Demand(string.Create(CultureInfo.InvariantCulture, $"there were at most {MostAttempts} attempts to a request, beside those in flight at a change"),
            wasteful.Count == 0 && attempts <= MostAttempts * requests + inFlight,
            string.Create(CultureInfo.InvariantCulture, $"{attempts} calls for {requests} requests, {inFlight} in flight at changes")
            + string.Concat(wasteful.Select(span => $"; {span.Name}: {span.Tally.Attempts} for {span.Tally.Counted}, {span.InFlight} in flight")));

        // A call that had ended before its caller left says nothing, nor does one that the upstream itself has failed meanwhile.
        var left = ofPrimary.Concat(ofSecondary).Where(call => leftAt.TryGetValue(call.Leaver, out var at) && (call.IsOpen || ((call.IsClosed || call.IsAnswered) && call.EndedAt > at))).ToList();
        var times = left.Where(call => call.IsClosed).Select(call => Stopwatch.GetElapsedTime(leftAt[call.Leaver], call.EndedAt).TotalMilliseconds).Order().ToArray();
        var worst = left.OrderByDescending(call => call.IsClosed ? call.EndedAt - leftAt[call.Leaver] : long.MaxValue).FirstOrDefault();
        verdict.Demand("every call whose caller left was closed", left.Count > 0 && times.Length == left.Count,
            string.Create(CultureInfo.InvariantCulture,
                $"{times.Length} of {left.Count}, p50 {Statistics.Percentile(times, 50):0.0} ms, p99 {Statistics.Percentile(times, 99):0.0} ms, at most {(times.Length > 0 ? times[^1] : double.NaN):0.0} ms from the caller's close to the upstream's seeing it")
            + (worst is null ? "" : $"; the worst: {Describe(worst)}"));
        verdict.Demand("the primary served again after every fault", rows.TrueForAll(row => row.Back is not null),
            string.Create(CultureInfo.InvariantCulture, $"within {rows.Max(row => row.Back?.TotalSeconds):0.0} s"));
        return verdict.IsYes;

        string Describe(LeaverCall call) => string.Create(CultureInfo.InvariantCulture,
            $"{call.End}, begun {(call.BegunAt - leftAt[call.Leaver]) * 1e3 / Stopwatch.Frequency:0} and ended {(call.EndedAt - leftAt[call.Leaver]) * 1e3 / Stopwatch.Frequency:0} ms after its caller had left, at the {(ofPrimary.Contains(call) ? Primary : Secondary)} with {rows.Last(row => row.BegunAt < leftAt[call.Leaver]).Fault.Name}");
    }

    /// <summary>One fault and the health after it.</summary>
    /// <param name="Fault">Which.</param>
    /// <param name="BegunAt">When it began, as a timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="InFlight">Requests on their way then.</param>
    /// <param name="During">What ended while it lasted.</param>
    /// <param name="ReturnedAt">When it was over.</param>
    /// <param name="InFlightAtReturn">Requests on their way then.</param>
    /// <param name="After">What ended until the next one began.</param>
    /// <param name="Received">Calls that the primary got while it lasted.</param>
    /// <param name="LeftAlone">When the gateway was seen to leave the primary alone, the calls that it got from then on, and those that were on their way then; null where it was not.</param>
    /// <param name="Back">How soon after it the primary had answered a new request and was left alone no more; null where that did not come.</param>
    private sealed record Row(
        UpstreamFault Fault, long BegunAt, int InFlight, FaultTally During, long ReturnedAt, int InFlightAtReturn, FaultTally After, long Received,
        (long At, long Received, long OnTheWay)? LeftAlone, TimeSpan? Back)
    {
        /// <summary>What ended while it lasted and until the next one began.</summary>
        public FaultTally All
        {
            get
            {
                var all = new FaultTally(mayCut: false);
                all.Add(During);
                all.Add(After);
                return all;
            }
        }

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Fault.Text} | {All.Requests} | {All.AnsweredBy(Primary)} | {All.AnsweredBy(Secondary)} | {All.Failed} | {All.Told} | {All.Left} || {MarkdownTable.Number(LeftAlone is { } alone ? Stopwatch.GetElapsedTime(BegunAt, alone.At).TotalMilliseconds : null, "0")} | {Received} | {MarkdownTable.Number(LeftAlone?.Received, "0")} | {(double)During.Attempts / During.Counted:0.00} || {MarkdownTable.Number(Back?.TotalMilliseconds, "0")}");
    }
}
