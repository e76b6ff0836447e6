namespace LlmOps.Benchmarks.Statistics;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014). Each experiment has a generator of its own, so that they can run side by side with the same
/// result, and those of System.Random with neighbouring seeds are not independent.
/// </summary>
internal sealed class SeededRandom(ulong seed) : Random(0)
{
    private ulong _state = seed;

    /// <summary>The generator of one of a series of experiments.</summary>
    public static SeededRandom Of(int seed, int series, int experiment) =>
        new(new SeededRandom(((ulong)(uint)seed << 32) | (uint)series).NextBits() + ((ulong)experiment * 0x632BE59BD9B4E019));

    /// <summary>0 to 1, without 1.</summary>
    public override double NextDouble() => Sample();

    /// <summary>One of a normal distribution (Box, Muller 1958).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>One of the distribution whose logarithm is normal: skewed, as costs and latencies are. Mean e^0.5, variance (e - 1) e.</summary>
    public double NextLogNormal() => Math.Exp(NextNormal());

    /// <summary>1 or 0.</summary>
    public double NextSuccess(double rate) => NextDouble() < rate ? 1 : 0;

    /// <summary>Values of a distribution, shifted.</summary>
    public double[] Draw(int count, Func<SeededRandom, double> next, double shift = 0)
    {
        var values = new double[count];
        for (var index = 0; index < count; index++)
        {
            values[index] = next(this) + shift;
        }

        return values;
    }

    /// <inheritdoc/>
    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    private ulong NextBits()
    {
        var bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
