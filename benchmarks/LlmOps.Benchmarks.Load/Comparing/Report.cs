using System.Text;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;
using static LlmOps.Benchmarks.Load.Comparing.MarkdownTable;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>Writes what a comparison measured, in Markdown.</summary>
internal sealed class Report(Plan plan, Results results)
{
    private const double MegaByte = 1 << 20;

    private static readonly string[] References = [SubjectList.Yarp, SubjectList.Nginx, SubjectList.Portkey];

    private readonly IReadOnlyList<Subject> _measured = [.. SubjectList.All.Where(subject => !results.NotMeasured.ContainsKey(subject))];

    /// <summary>The whole report.</summary>
    public string Write(string command, string commit)
    {
        var text = new StringBuilder("# Load benchmark\n\n").Append(Machine.Describe(command, commit)).Append("\n\n");
        text.Append("Medians of ").Append(plan.Rounds).Append(plan.Rounds == 1 ? " round" : " rounds").Append(
            " (least–most). In a round all subjects take turns in each setting, several where a target holds; ratios are taken within a turn.\n");
        foreach (var (subject, reason) in results.NotMeasured)
        {
            text.Append("\nNot measured: ").Append(subject.Name).Append(", because ").Append(reason).Append('\n');
        }

        foreach (var setting in plan.Loads)
        {
            Section(text, setting.Title, LoadTable(setting));
        }

        foreach (var setting in plan.Streams)
        {
            Section(text, setting.Title, StreamTable(setting));
        }

        Section(text, "Memory: resident, before load and after all rounds", MemoryTable());
        if (results.Telemetry.Count > 0)
        {
            Section(text, "Telemetry: what became of it by the end of the load", TelemetryTable());
        }

        Section(text, "Start-up: from the process's start to its first answered POST", StartUpTable());
        Section(text, "Reach", new Reach(plan, results).Table());
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, MarkdownTable table) => text.Append("\n## ").Append(title).Append("\n\n").Append(table);

    private MarkdownTable LoadTable(LoadSetting setting)
    {
        // What a server adds to a request is seen where nothing waits for anything else.
        var adds = setting.Connections == 1;
        string[] added = adds ? ["added p50 µs"] : [];
        var table = new MarkdownTable(["", "requests/s", "× yarp", "× nginx", "× portkey", "p50 µs", "p99 µs", "p99.9 µs", .. added, "CPU µs/request", "bytes/request", "errors"]);
        foreach (var subject in _measured.Where(setting.Includes))
        {
            var runs = results.Loads(setting, subject);
            var requests = runs.Sum(run => run.Figures.Requests);
            IEnumerable<double> Values(Func<WrkFigures, double> value) => runs.Select(run => value(run.Figures));
            string[] addedCell = adds ? [Middle(Spread.Of(Added(results, setting, subject)), "0")] : [];
            table.Add([
                subject.Name,
                Cell(Spread.Of(Values(figures => figures.Rate)), "0"),
                .. References.Select(reference => Cell(
                    Spread.OfRatios(Values(figures => figures.Rate), results.Loads(setting, SubjectList.Named(reference)).Select(run => run.Figures.Rate)), "0.00")),
                Middle(Spread.Of(Values(figures => figures.P50)), "0"),
                Middle(Spread.Of(Values(figures => figures.P99)), "0"),
                Middle(Spread.Of(Values(figures => figures.P999)), "0"),
                .. addedCell,
                Number(runs.Sum(run => run.Cost.ProcessorSeconds) * 1e6 / requests, "0"),
                Number(Cost.Allocated(runs.Select(run => run.Cost)) / requests, "0"),
                ErrorCell(runs),
            ]);
        }

        return table;
    }

    private MarkdownTable StreamTable(StreamSetting setting)
    {
        var table = new MarkdownTable("", "streams/s", "first chunk p50 ms", "p99 ms", "p50 over direct ms", "chunk transit p50 ms", "p99 ms", "chunks that came alone", "CPU ms/stream", "kB/stream", "incomplete");
        foreach (var subject in _measured.Where(setting.Includes))
        {
            var runs = results.Streams(setting, subject);
            var direct = results.Streams(setting, SubjectList.Named(SubjectList.Direct));
            var streams = runs.Sum(run => run.Figures.Complete);
            IEnumerable<double> Values(Func<StreamFigures, double> value) => runs.Select(run => value(run.Figures));
            table.Add(
                subject.Name,
                Cell(Spread.Of(Values(figures => figures.Rate)), "0.0"),
                Cell(Spread.Of(Values(figures => Statistics.Percentile(figures.FirstMarks, 50))), "0.0"),
                Middle(Spread.Of(Values(figures => Statistics.Percentile(figures.FirstMarks, 99))), "0.0"),
                Middle(Spread.Of(Values(figures => Statistics.Percentile(figures.FirstMarks, 50)).Zip(direct, (value, run) => value - Statistics.Percentile(run.Figures.FirstMarks, 50))), "0.0"),
                Middle(Spread.Of(Values(figures => Statistics.Percentile(figures.Transits, 50))), "0.00"),
                Middle(Spread.Of(Values(figures => Statistics.Percentile(figures.Transits, 99))), "0.00"),
                Middle(Spread.Of(Values(figures => figures.AloneShare * 100)), "0.0") + " %",
                Number(runs.Sum(run => run.Cost.ProcessorSeconds) * 1e3 / streams, "0.0"),
                Number(Cost.Allocated(runs.Select(run => run.Cost)) / 1e3 / streams, "0"),
                Number(runs.Sum(run => run.Figures.Incomplete), "0"));
        }

        return table;
    }

    private MarkdownTable MemoryTable()
    {
        var table = new MarkdownTable("", "before MB", "after MB");
        foreach (var subject in _measured)
        {
            var (before, after) = results.Memory[subject];
            table.Add(subject.Name, Number(before / MegaByte, "0"), Number(after / MegaByte, "0"));
        }

        return table;
    }

    // What a busy machine has no time for is dropped, and so is a part of what the ratio means.
    private MarkdownTable TelemetryTable()
    {
        var table = new MarkdownTable("", "sink", "delivered", "dropped", "waiting", "MB on the disk");
        foreach (var (subject, sinks) in results.Telemetry)
        {
            foreach (var sink in sinks)
            {
                table.Add(subject.Name, sink.Name, Number(sink.Delivered, "0"), Number(sink.Dropped, "0"), Number(sink.Waiting, "0"), Number(sink.Spooled / MegaByte, "0.0"));
            }
        }

        return table;
    }

    private MarkdownTable StartUpTable()
    {
        var table = new MarkdownTable("", "ms");
        foreach (var subject in _measured.Where(subject => subject.Command is not null))
        {
            table.Add(subject.Name, Cell(Spread.Of(results.StartUps(subject)), "0"));
        }

        return table;
    }

    /// <summary>What the subject adds to the upstream's own p50, in each turn, in microseconds.</summary>
    public static IEnumerable<double> Added(Results results, LoadSetting setting, Subject subject) =>
        results.Loads(setting, subject).Zip(results.Loads(setting, SubjectList.Named(SubjectList.Direct)), (run, direct) => run.Figures.P50 - direct.Figures.P50);

    private static string ErrorCell(List<(WrkFigures Figures, Cost Cost)> runs) => runs.Sum(run => run.Figures.Errors) is 0 ? "0"
        : $"{runs.Sum(run => run.Figures.StatusErrors)} by status, {runs.Sum(run => run.Figures.SocketErrors)} of sockets";
}
