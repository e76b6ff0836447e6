namespace LlmOps.Benchmarks.Statistics;

/// <summary>An experiment that is looked at again and again.</summary>
/// <param name="Data">What comes in.</param>
/// <param name="First">How many values of the variant there are at the first look.</param>
/// <param name="PerLook">How many come in before each further one.</param>
/// <param name="BaselineShare">How many values the baseline gets for one of the variant.</param>
/// <param name="Looks">How often it is looked at.</param>
/// <param name="Deviation">Of the values: what the effect is measured in.</param>
/// <param name="Next">One value; the number is the shift of the variant's mean, 0 for the baseline.</param>
internal sealed record PeekingScenario(string Data, int First, int PerLook, int BaselineShare, int Looks, double Deviation, Func<SeededRandom, double, double> Next)
{
    private static readonly double LogNormalDeviation = Math.Sqrt((Math.E - 1) * Math.E);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PeekingScenario> All { get; } =
    [
        new("normal", 100, 100, 1, 100, 1, (random, shift) => random.NextNormal() + shift),
        new("log-normal", 100, 100, 1, 100, LogNormalDeviation, (random, shift) => random.NextLogNormal() + shift),
        new("log-normal, 9 of 10 to the baseline", 100, 100, 9, 100, LogNormalDeviation, (random, shift) => random.NextLogNormal() + shift),
        Rate("rate 5 %", 0.05, 100, 100),
        Rate("rate 1 %", 0.01, 100, 100),
        Rate("rate 1 %, from the start", 0.01, 10, 100),
        new("log-normal, from the start", 100, 10, 1, 100, LogNormalDeviation, (random, shift) => random.NextLogNormal() + shift),
        new("log-normal, from the start, 9 of 10 to the baseline", 100, 10, 9, 100, LogNormalDeviation, (random, shift) => random.NextLogNormal() + shift),
        new("the same, from 400 on", 400, 10, 9, 100, LogNormalDeviation, (random, shift) => random.NextLogNormal() + shift),
    ];

    /// <summary>Values of the variant when it ends.</summary>
    public int Count => First + ((Looks - 1) * PerLook);

    /// <summary>What a fixed test at the end would find in 80 % of the experiments.</summary>
    public double Effect => 2.8016 * Deviation * Math.Sqrt((1 + (1.0 / BaselineShare)) / Count);

    private static PeekingScenario Rate(string name, double rate, int perLook, int looks) =>
        new(name, 100, perLook, 1, looks, Math.Sqrt(rate * (1 - rate)), (random, shift) => random.NextSuccess(rate + shift));
}
