namespace LlmOps.Tests.Statistics;

/// <summary>Random samples by a seed.</summary>
internal static class Draws
{
    public static double[] Normal(Random random, int count, double mean = 0, double deviation = 1)
    {
        var values = new double[count];
        for (var index = 0; index < count; index++)
        {
            values[index] = mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }

    /// <summary>Skewed, as costs and latencies are; their mean is e^0.5.</summary>
    public static double[] LogNormal(Random random, int count) => Array.ConvertAll(Normal(random, count), Math.Exp);

    public static long Successes(Random random, int count, double rate)
    {
        var successes = 0L;
        for (var each = 0; each < count; each++)
        {
            successes += random.NextDouble() < rate ? 1 : 0;
        }

        return successes;
    }
}
