namespace LlmOps.Benchmarks.Load;

/// <summary>What several rounds gave: the median, and how far apart they were.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    /// <summary>The spread of the values that are numbers; null if none is.</summary>
    public static Spread? Of(IEnumerable<double> values)
    {
        var numbers = values.Where(double.IsFinite).ToArray();
        return numbers.Length == 0 ? null : new Spread(Statistics.Median(numbers), numbers.Min(), numbers.Max());
    }

    /// <summary>Of each round's pair the first over the second; a pair that lacks either is left out.</summary>
    public static Spread? OfRatios(IEnumerable<double> values, IEnumerable<double> references) =>
        Of(values.Zip(references, (value, reference) => value / reference));
}
