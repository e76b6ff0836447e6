using LlmOps.Evaluator.Results;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>Evaluations of one kind.</summary>
/// <param name="Data">What is scored.</param>
/// <param name="Kind">What scores it has.</param>
/// <param name="Cases">How many cases.</param>
/// <param name="Case">Draws a case: what answers of the baseline and of the variant score, whose mean is this much above.</param>
internal sealed record EvaluationScenario(string Data, MetricKind Kind, int Cases, Func<SeededRandom, double, (Func<double> Baseline, Func<double> Variant)> Case)
{
    /// <summary>By how many such metrics; the difference, where there is one, is in the first.</summary>
    public int Metrics { get; init; } = 1;

    /// <summary>How often each case is asked.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>How much the cases count, by turns.</summary>
    public IReadOnlyList<double> Weights { get; init; } = [1];

    /// <summary>Whether a judge compares the answers; then only the variant's have a score.</summary>
    public bool IsPairwise { get; init; }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EvaluationScenario> All { get; } =
    [
        .. OfSizes("score, normal", MetricKind.Score, Normal, 10, 30, 80, 300),
        .. OfSizes("score, differences skewed", MetricKind.Score, Skewed, 30, 80, 300),
        .. OfSizes("score, rubric 1 to 5", MetricKind.Score, Rubric, 30, 80, 300),
        .. OfSizes("score, half of the cases the same", MetricKind.Score, Overlap, 30, 80),
        new("score, normal, weights 1, 2 and 5", MetricKind.Score, 80, Normal) { Weights = [1, 2, 5] },
        new("score, rubric, 3 repeats", MetricKind.Score, 30, Rubric) { Repeats = 3 },
        new("judge of two, 30 % ties", MetricKind.Score, 80, Preference) { IsPairwise = true },
        .. OfSizes("pass, 10 % differ", MetricKind.Pass, (random, difference) => Pass(random, difference, 0.1), 30, 80, 300),
        .. OfSizes("pass, 30 % differ", MetricKind.Pass, (random, difference) => Pass(random, difference, 0.3), 30, 80, 300),
        new("pass, 3 repeats", MetricKind.Pass, 80, PassByChance) { Repeats = 3 },
        new("pass, 30 % differ, weights 1 and 2", MetricKind.Pass, 80, (random, difference) => Pass(random, difference, 0.3)) { Weights = [1, 2] },
        .. OfSizes("amount, log-normal", MetricKind.Amount, Latency, 30, 80, 300),
        new("amount, whole numbers with ties", MetricKind.Amount, 80, Tokens),
        new("amount, log-normal, 3 repeats", MetricKind.Amount, 30, Latency) { Repeats = 3 },
        new("5 scores, normal", MetricKind.Score, 80, Normal) { Metrics = 5 },
        new("5 scores, rubric 1 to 5", MetricKind.Score, 30, Rubric) { Metrics = 5 },
        new("5 passes, 30 % differ", MetricKind.Pass, 80, (random, difference) => Pass(random, difference, 0.3)) { Metrics = 5 },
        new("5 amounts, log-normal", MetricKind.Amount, 80, Latency) { Metrics = 5 },
    ];

    private static IEnumerable<EvaluationScenario> OfSizes(
        string data, MetricKind kind, Func<SeededRandom, double, (Func<double> Baseline, Func<double> Variant)> @case, params IEnumerable<int> sizes) =>
        sizes.Select(size => new EvaluationScenario(data, kind, size, @case));

    private static (Func<double> Baseline, Func<double> Variant) Normal(SeededRandom random, double difference)
    {
        var middle = random.NextNormal();
        return (() => middle + (0.5 * random.NextNormal()), () => middle + difference + (0.5 * random.NextNormal()));
    }

    // The variant's answers are a little worse as a rule and seldom much better: exponential, with the same mean.
    private static (Func<double> Baseline, Func<double> Variant) Skewed(SeededRandom random, double difference)
    {
        var middle = random.NextNormal();
        return (() => middle + (0.3 * random.NextNormal()), () => middle + difference - Math.Log(1 - random.NextDouble()) - 1);
    }

    private static (Func<double> Baseline, Func<double> Variant) Rubric(SeededRandom random, double difference)
    {
        var middle = 2.5 + random.NextNormal();
        double Next() => Math.Clamp(Math.Round(middle + (0.5 * random.NextNormal())), 1, 4);
        return (Next, () => Next() + random.NextSuccess(difference));
    }

    // As F1 has it: right or wrong in both, or something in between.
    private static (Func<double> Baseline, Func<double> Variant) Overlap(SeededRandom random, double difference)
    {
        var (chance, middle) = (random.NextDouble(), random.NextDouble());
        double Next() => chance < 0.5 ? (chance < 0.15 ? 0 : 1) : Math.Clamp(middle + (0.3 * random.NextNormal()), 0, 1);
        return (Next, () => Next() + (0.5 * random.NextSuccess(2 * difference)));
    }

    private static (Func<double> Baseline, Func<double> Variant) Preference(SeededRandom random, double difference)
    {
        var chance = random.NextDouble();
        return (() => double.NaN, () => chance < (0.7 + difference) / 2 ? 1 : chance < 0.7 ? 0 : 0.5);
    }

    private static (Func<double> Baseline, Func<double> Variant) Pass(SeededRandom random, double difference, double differing)
    {
        var (chance, share) = (random.NextDouble(), Math.Max(differing, difference));
        var same = random.NextSuccess(0.7);
        return (
            () => chance < (share - difference) / 2 ? 1 : chance < share ? 0 : same,
            () => chance < (share - difference) / 2 ? 0 : chance < share ? 1 : same);
    }

    private static (Func<double> Baseline, Func<double> Variant) PassByChance(SeededRandom random, double difference)
    {
        var rate = 0.2 + (0.5 * random.NextDouble());
        return (() => random.NextSuccess(rate), () => random.NextSuccess(rate + difference));
    }

    private static (Func<double> Baseline, Func<double> Variant) Latency(SeededRandom random, double difference)
    {
        var middle = 6 + (0.5 * random.NextNormal());
        return (() => Math.Exp(middle + (0.3 * random.NextNormal())), () => difference + Math.Exp(middle + (0.3 * random.NextNormal())));
    }

    private static (Func<double> Baseline, Func<double> Variant) Tokens(SeededRandom random, double difference)
    {
        double Next(double more) => Math.Round(more + (20 * Math.Exp(0.3 * random.NextNormal())));
        return (() => Next(0), () => Next(difference));
    }
}
