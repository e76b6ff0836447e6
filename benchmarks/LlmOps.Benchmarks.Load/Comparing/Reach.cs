using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>
/// The gateway's targets, each a ratio to a reference, and whether they were reached: as it is installed, and without its
/// log line, for the references write none.
/// </summary>
internal sealed class Reach(Plan plan, Results results)
{
    private readonly Subject _yarp = SubjectList.Named(SubjectList.Yarp);
    private readonly Subject[] _gateways = [SubjectList.Named(SubjectList.Gateway), SubjectList.Named(SubjectList.GatewayWithoutLog)];

    /// <summary>A row per target. The median decides, as it is printed.</summary>
    public MarkdownTable Table()
    {
        var (rate, latency, streams) = (plan.RateSetting, plan.LatencySetting, plan.StreamSetting);
        var table = new MarkdownTable(["", "target", .. _gateways.SelectMany(gateway => (string[])[gateway.Name, "reached"])]);
        AtLeast(table, $"requests/s, upstream at once, {rate.Connections} connections", SubjectList.Yarp, 1, gateway => Rates(gateway, SubjectList.Yarp));
        AtLeast(table, $"requests/s, upstream at once, {rate.Connections} connections", SubjectList.Portkey, 10, gateway => Rates(gateway, SubjectList.Portkey));
        AtLeast(table, $"requests/s, upstream at once, {rate.Connections} connections", SubjectList.Nginx, 0.5, gateway => Rates(gateway, SubjectList.Nginx));
        AtLeast(table, $"requests/s, answered from memory, {rate.Connections} connections", SubjectList.Bare, 0.7, AsInstalled(SubjectList.GatewayCached, SubjectList.Bare));
        AtLeast(table, $"requests/s, answered from Redis, {rate.Connections} connections", SubjectList.BareRedis, 0.7, AsInstalled(SubjectList.GatewayRedis, SubjectList.BareRedis));
        AtLeast(table, $"requests/s, looked up and missed, {rate.Connections} connections", SubjectList.GatewayBypassing, 0.9, AsInstalled(SubjectList.GatewayMissing, SubjectList.GatewayBypassing));
        AtLeast(table, $"requests/s, with key, limits and budget, {rate.Connections} connections", SubjectList.Gateway, 0.85, AsInstalled(SubjectList.GatewayKeyed, SubjectList.Gateway));
        AtLeast(table, $"requests/s, with key, limits and budget, {rate.Connections} connections", SubjectList.Yarp, 0.9, AsInstalled(SubjectList.GatewayKeyed, SubjectList.Yarp));
        AtLeast(table, $"requests/s, guardrails on, 2 kB prompts, {rate.Connections} connections", SubjectList.GatewayUnguarded, 0.9, AsInstalled(SubjectList.GatewayGuarded, SubjectList.GatewayUnguarded));
        AtLeast(table, $"the same, each prompt for the first time, {rate.Connections} connections", SubjectList.GatewayUnguardedNew, 0.9, AsInstalled(SubjectList.GatewayGuardedNew, SubjectList.GatewayUnguardedNew));
        AtLeast(table, $"requests/s, with trace store, metrics, Langfuse and MLflow, {rate.Connections} connections", SubjectList.GatewayUntold, 0.9, AsInstalled(SubjectList.GatewayTelemetry, SubjectList.GatewayUntold));
        AtMost(table, "added p50, upstream at once, one connection", 2, gateway => Spread.OfRatios(Report.Added(results, latency, gateway), Report.Added(results, latency, _yarp)));

        // Nearly all of it is the upstream's: a thousandth is a twentieth of a millisecond.
        AtMost(table, $"first chunk p50, {streams.Callers} streams", 1, gateway => Spread.OfRatios(FirstMarks(gateway), FirstMarks(_yarp)), digits: 3);
        AtLeast(table, $"share of chunks that came alone, {streams.Callers} streams", SubjectList.Yarp, 0.99, gateway => Spread.OfRatios(AloneShares(gateway), AloneShares(_yarp)));
        AtMost(table, "memory after load", 1.3, gateway => Spread.OfRatios(MemoryAfter(gateway), MemoryAfter(_yarp)));
        AtMost(table, "start-up", 2, gateway => Spread.OfRatios(results.StartUps(gateway), results.StartUps(_yarp)));
        return table;
    }

    // Of subjects that write their log line, so without it there is nothing to tell.
    private Func<Subject, Spread?> AsInstalled(string subject, string reference) =>
        gateway => gateway == _gateways[0] ? Rates(SubjectList.Named(subject), reference) : null;

    private Spread? Rates(Subject gateway, string reference) => Spread.OfRatios(
        results.Loads(plan.RateSetting, gateway).Select(run => run.Figures.Rate),
        results.Loads(plan.RateSetting, SubjectList.Named(reference)).Select(run => run.Figures.Rate));

    private IEnumerable<double> FirstMarks(Subject subject) =>
        results.Streams(plan.StreamSetting, subject).Select(run => Statistics.Percentile(run.Figures.FirstMarks, 50));

    private IEnumerable<double> AloneShares(Subject subject) => results.Streams(plan.StreamSetting, subject).Select(run => run.Figures.AloneShare);

    private IEnumerable<double> MemoryAfter(Subject subject) => results.Memory.TryGetValue(subject, out var bytes) ? [bytes.After] : [];

    private void AtLeast(MarkdownTable table, string what, string reference, double target, Func<Subject, Spread?> measured) =>
        Add(table, what, $"≥ {MarkdownTable.Number(target, "0.##")} × {reference}", measured, ratio => ratio >= target);

    private void AtMost(MarkdownTable table, string what, double target, Func<Subject, Spread?> measured, int digits = 2) =>
        Add(table, what, $"≤ {MarkdownTable.Number(target, "0.##")} × {SubjectList.Yarp}", measured, ratio => ratio <= target, digits);

    // A ratio is held against its target as it is printed: to the hundredth, beyond which a run of minutes hardly sees.
    private void Add(MarkdownTable table, string what, string target, Func<Subject, Spread?> measured, Func<double, bool> isReached, int digits = 2) =>
        table.Add([what, target, .. _gateways.Select(measured).SelectMany(spread => (string[])
        [
            MarkdownTable.Cell(spread, "0." + new string('0', digits)),
            spread is { } ratio ? isReached(Math.Round(ratio.Median, digits)) ? "yes" : "no" : "not measured",
        ])]);
}
