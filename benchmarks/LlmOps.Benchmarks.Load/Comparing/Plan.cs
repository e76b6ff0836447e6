using LlmOps.Benchmarks.Load.Loads;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>What a comparison measures, and how often.</summary>
/// <param name="Rounds">How often everything is measured.</param>
/// <param name="Loads">The settings that wrk measures.</param>
/// <param name="Streams">The settings of streams.</param>
/// <param name="StartUps">How often each subject is started for its start-up time.</param>
/// <param name="StreamWarmUp">Seconds of streams before anything is measured: .NET compiles what has run often, and a gateway's streams are more code than a proxy's.</param>
/// <param name="LeastWarmUps">Runs of two seconds after which a rate may count as settled.</param>
/// <param name="MostWarmUps">Runs after which it counts as settled.</param>
internal sealed record Plan(int Rounds, IReadOnlyList<LoadSetting> Loads, IReadOnlyList<StreamSetting> Streams, int StartUps, int StreamWarmUp, int LeastWarmUps, int MostWarmUps)
{
    private static readonly int[] Connections = [1, 16, 64, 256];

    /// <summary>The setting that the targets for the rate hold in; every plan has it.</summary>
    public LoadSetting RateSetting => Loads.First(setting => setting is { User: Payload.AtOnce, Connections: 64 });

    /// <summary>The setting that the target for the added latency holds in; every plan has it.</summary>
    public LoadSetting LatencySetting => Loads.First(setting => setting is { User: Payload.AtOnce, Connections: 1 });

    /// <summary>The setting that the targets for streams hold in; every plan has it.</summary>
    public StreamSetting StreamSetting => Streams.First(setting => setting.Callers == 32);

    /// <summary>Everything; some twenty minutes with three rounds.</summary>
    public static Plan Full(int rounds) => new(
        rounds,
        [
            .. Connections.Select(connections => new LoadSetting(Payload.AtOnce, connections, 2, Turns: connections == 64 ? 4 : 1)),
            .. Connections.Select(connections => new LoadSetting(Payload.Delayed, connections, 1)),
        ],
        [new(32, 2, Turns: 4), new(256, 2)],
        StartUps: 5,
        StreamWarmUp: 12,
        LeastWarmUps: 3,
        MostWarmUps: 15);

    /// <summary>What the targets need, once: to see that all works, not to quote.</summary>
    public static Plan Quick(int rounds) => new(
        rounds,
        [new(Payload.AtOnce, 1, 1), new(Payload.AtOnce, 64, 1)],
        [new(32, 1)],
        StartUps: 2,
        StreamWarmUp: 2,
        LeastWarmUps: 0,
        MostWarmUps: 2);
}
