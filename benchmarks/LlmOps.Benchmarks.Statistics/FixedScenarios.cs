using LlmOps.Gateway.Statistics;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>Tests that look once, when all data are there.</summary>
internal static class FixedScenarios
{
    private const int Draws = 1_000;

    // Of z: 1.96 of the level, 0.84 of the power.
    private const double Errors = 2.8016;

    private static readonly double LogNormalDeviation = Math.Sqrt((Math.E - 1) * Math.E);

    /// <summary>All of them; the effect is what is to be found in 80 % of the experiments, by the formula for the test, or for the means.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Rates(0.10, 1_000),
        Rates(0.01, 300),
        new("Welch", "normal, 30 and 90, deviation 1 and 3", Errors * Math.Sqrt((1 / 30.0) + (9 / 90.0)), (random, effect) =>
            Of(WelchTest.Compare(random.Draw(30, each => each.NextNormal()), random.Draw(90, each => 3 * each.NextNormal(), effect)))),
        new("Welch", "log-normal, 500", MeanEffect(500), (random, effect) => Of(WelchTest.Compare(Skewed(random, 500), Skewed(random, 500, effect)))),
        new("Mann-Whitney", "log-normal, 500", MeanEffect(500) / 2, (random, effect) => Of(MannWhitneyTest.Compare(Skewed(random, 500), Skewed(random, 500, effect)))),
        new("Mann-Whitney, exact", "log-normal, 20", MeanEffect(20) / 2, (random, effect) => Of(MannWhitneyTest.Compare(Skewed(random, 20), Skewed(random, 20, effect)))),
        Quantile("median", 0.5, 500, 1, 0.3989423),
        Quantile("p95", 0.95, 200, Math.Exp(1.6448536), 0.1031356),
        Quantile("p99", 0.99, 1_000, Math.Exp(2.3263479), 0.0266521),
        new("paired t", "normal, 50 pairs", PairedEffect, (random, effect) => Of(PairedTTest.Compare(new double[50], random.Draw(50, each => each.NextNormal(), effect)))),
        new("signed-rank", "normal, 50 pairs", PairedEffect, (random, effect) => Of(SignedRankTest.Compare(new double[50], random.Draw(50, each => each.NextNormal(), effect)))),
        new("BCa bootstrap", "normal, 50 pairs", PairedEffect, (random, effect) => Bca(random.Draw(50, each => each.NextNormal(), effect), random.Next())),
        new("sign flips", "normal, 50 pairs", PairedEffect, (random, effect) =>
            new Outcome(SignFlipTest.Test(random.Draw(50, each => each.NextNormal(), effect), random.Next(), Draws)?.PValue, null)),
        new("McNemar, mid-p", "200 cases, 30 % differ", Errors * Math.Sqrt(0.3 / 200), (random, effect) => Of(Cases(random, 200, 0.3, effect))),
        new("McNemar, exact", "200 cases, 30 % differ", Errors * Math.Sqrt(0.3 / 200), (random, effect) => new Outcome(Cases(random, 200, 0.3, effect)?.ExactPValue, null)),
        new("sample ratio", "10,000 to two", Errors * 0.005, (random, effect) =>
        {
            var one = (long)random.Draw(10_000, each => each.NextSuccess(0.5 + effect)).Sum();
            return new Outcome(SampleRatio.Test([one, 10_000 - one], [1, 1])?.PValue, null);
        }),
    ];

    private static double PairedEffect => Errors / Math.Sqrt(50);

    private static double MeanEffect(int count) => Errors * LogNormalDeviation * Math.Sqrt(2.0 / count);

    private static double[] Skewed(SeededRandom random, int count, double shift = 0) => random.Draw(count, each => each.NextLogNormal(), shift);

    private static Scenario Rates(double rate, int count) =>
        new("proportions", FormattableString.Invariant($"{rate:0 %} of {count:N0}"), DetectableEffect.OfProportions(rate, count, count)!.Value, (random, effect) =>
            Of(ProportionTest.Compare(Successes(random, count, rate), Successes(random, count, rate + effect))));

    private static Proportion Successes(SeededRandom random, int count, double rate) => new((long)random.Draw(count, each => each.NextSuccess(rate)).Sum(), count);

    // The density of the logarithm at the quantile, and the quantile itself, tell its standard error.
    private static Scenario Quantile(string name, double probability, int count, double quantile, double density) =>
        new(name, FormattableString.Invariant($"log-normal, {count:N0}"), Errors * Math.Sqrt(2 * probability * (1 - probability) / count) * quantile / density, (random, effect) =>
            Of(QuantileTest.Compare(Skewed(random, count), Skewed(random, count, effect), probability, random.Next(), Draws)));

    private static McNemarComparison? Cases(SeededRandom random, int cases, double differing, double effect)
    {
        var (onlyBaseline, onlyVariant) = (0, 0);
        for (var each = 0; each < cases; each++)
        {
            var chance = random.NextDouble();
            onlyBaseline += chance < (differing - effect) / 2 ? 1 : 0;
            onlyVariant += chance >= (differing - effect) / 2 && chance < differing ? 1 : 0;
        }

        return McNemarTest.Compare(onlyBaseline, onlyVariant, cases);
    }

    // It has no p-value: what its interval leaves out is rejected.
    private static Outcome? Bca(double[] values, int seed) =>
        BcaBootstrap.OfMean(values, [.. Enumerable.Repeat(1.0, values.Length)], seed) is { } interval ? new Outcome(interval.Contains(0) ? 1 : 0, interval) : null;

    private static Outcome? Of(Comparison? comparison) => comparison is null ? null : new Outcome(comparison.PValue, comparison.Interval);

    private static Outcome? Of(RankComparison? comparison) => comparison is null ? null : new Outcome(comparison.PValue, comparison.Interval);

    private static Outcome? Of(SignedRankComparison? comparison) => comparison is null ? null : new Outcome(comparison.PValue, comparison.Interval);
}
