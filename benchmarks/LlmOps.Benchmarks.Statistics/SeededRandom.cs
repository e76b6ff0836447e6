using LlmOps.Gateway.Statistics;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>
/// Each experiment has a generator of its own, so that they can run side by side with the same
/// result, and those of System.Random with neighbouring seeds are not independent.
/// </summary>
internal sealed class SeededRandom(ulong seed) : Random(0)
{
    private SplitMix64 _bits = new(seed);

    /// <summary>The generator of one of a series of experiments.</summary>
    public static SeededRandom Of(int seed, int series, int experiment) =>
        new(new SplitMix64(((ulong)(uint)seed << 32) | (uint)series).Next() + ((ulong)experiment * 0x632BE59BD9B4E019));

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
    protected override double Sample() => (_bits.Next() >> 11) * (1.0 / (1UL << 53));
}
