namespace LlmOps.Evaluator.Comparison;

/// <summary>How variants are compared.</summary>
internal sealed record ComparisonSettings
{
    /// <summary>How probably a difference as large as the detectable one is to be found.</summary>
    public const double Power = 0.8;

    /// <summary>The fewest cases where nothing else is said.</summary>
    public const int DefaultMinCases = 10;

    /// <summary>Of intervals, above 0, below 1; the level of verdicts is 1 less it.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Of resampling and of random signs: the same one gives the same figures.</summary>
    public required int Seed { get; init; }

    /// <summary>Below so many cases nothing is said; at least 2.</summary>
    public int MinCases { get; init; } = DefaultMinCases;

    /// <summary>By metric the difference that is to be seen, in its unit (0.02 of rates are two percentage points), above 0: how many cases that takes is told.</summary>
    public IReadOnlyDictionary<string, double> Detect { get; init; } = new Dictionary<string, double>();

    /// <summary>How rarely a difference may be said where there is none.</summary>
    public double Level => 1 - Confidence;
}
