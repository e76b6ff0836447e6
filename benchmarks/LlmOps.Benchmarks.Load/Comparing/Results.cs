using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>Everything that a comparison measured. Each list has a place per turn, so that ratios are taken within a turn.</summary>
internal sealed class Results
{
    private readonly Dictionary<(LoadSetting, Subject), List<(WrkFigures Figures, Cost Cost)>> _loads = [];
    private readonly Dictionary<(StreamSetting, Subject), List<(StreamFigures Figures, Cost Cost)>> _streams = [];
    private readonly Dictionary<Subject, List<double>> _startUps = [];

    /// <summary>Resident bytes after the first answer, and after all rounds.</summary>
    public Dictionary<Subject, (long Before, long After)> Memory { get; } = [];

    /// <summary>What became of telemetry by the end, by the subject that told it.</summary>
    public Dictionary<Subject, IReadOnlyList<SinkState>> Telemetry { get; } = [];

    /// <summary>What is not measured, and why.</summary>
    public Dictionary<Subject, string> NotMeasured { get; } = [];

    /// <summary>The runs of a subject in a setting; none where it was not measured.</summary>
    public List<(WrkFigures Figures, Cost Cost)> Loads(LoadSetting setting, Subject subject) => Of(_loads, (setting, subject));

    /// <summary>The runs of a subject in a setting; none where it was not measured.</summary>
    public List<(StreamFigures Figures, Cost Cost)> Streams(StreamSetting setting, Subject subject) => Of(_streams, (setting, subject));

    /// <summary>Milliseconds from start to first answer.</summary>
    public List<double> StartUps(Subject subject) => Of(_startUps, subject);

    private static List<TValue> Of<TKey, TValue>(Dictionary<TKey, List<TValue>> lists, TKey key) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists[key] = list = [];
        }

        return list;
    }
}
