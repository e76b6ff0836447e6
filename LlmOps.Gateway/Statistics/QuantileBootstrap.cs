using MathNet.Numerics.Distributions;

namespace LlmOps.Gateway.Statistics;

/// <summary>
/// The quantile of a resample, drawn without resampling. The k-th smallest of n values drawn with replacement is the sorted
/// sample's value at index floor(n · U), where U is the k-th smallest of n uniform numbers: Beta(k, n - k + 1) (Efron 1979, section 3,
/// for the median; David, Nagaraja 2003). The next one of them is the least of the n - k that remain above. So each draw is exactly that of
/// the ordinary bootstrap, whatever n.
/// </summary>
internal sealed class QuantileBootstrap
{
    private readonly double[] _sorted;
    private readonly int _index;
    private readonly double _share;

    /// <summary>Of a sample.</summary>
    /// <param name="sorted">At least one finite value, ascending.</param>
    /// <param name="probability">0 to 1.</param>
    public QuantileBootstrap(double[] sorted, double probability)
    {
        _sorted = sorted;
        (_index, _share) = Quantiles.Place(sorted.Length, probability);
    }

    /// <summary>The quantile of one resample.</summary>
    public double Draw(Random random)
    {
        var (n, k) = (_sorted.Length, _index + 1);
        var place = Beta.Sample(random, k, n - k + 1);
        var low = At(place);
        return _share == 0 ? low : Quantiles.Between(low, At(place + ((1 - place) * (1 - Math.Pow(1 - random.NextDouble(), 1.0 / (n - k))))), _share);
    }

    private double At(double place) => _sorted[Math.Min((int)(place * _sorted.Length), _sorted.Length - 1)];
}
