using System.Text.Json.Serialization;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Results;

/// <summary>A variant compared with the baseline by a metric, case by case.</summary>
internal sealed record MetricComparison
{
    public required string Baseline { get; init; }

    public required string Variant { get; init; }

    public required string Metric { get; init; }

    /// <summary>The tag whose cases these are; null for all.</summary>
    public string? Tag { get; init; }

    /// <summary>Cases of which both have a value.</summary>
    public required int Cases { get; init; }

    /// <summary>Cases that should have a value of both and do not.</summary>
    public required int Missing { get; init; }

    /// <summary>Of these cases, weighted; null for no cases.</summary>
    public double? BaselineMean { get; init; }

    /// <summary>Of these cases, weighted; null for no cases.</summary>
    public double? VariantMean { get; init; }

    /// <summary>Variant minus baseline: of means and rates, or where the test is wilcoxon the middle of the differences (Hodges-Lehmann).</summary>
    public double? Difference { get; init; }

    /// <summary>Of the difference; null for too few cases, or where it does not vary.</summary>
    public Interval? Interval { get; init; }

    /// <summary>The test: sign_flip for scores, mcnemar_mid_p for passes, wilcoxon for amounts; sign_flip for all where weights differ, or repeats make rates of passes. Null for too few cases.</summary>
    public string? Test { get; init; }

    /// <summary>Two-sided, 0 to 1; null for too few cases, and where no case differs.</summary>
    public double? PValue { get; init; }

    /// <summary>Of the exact test, for who wants that one, where <see cref="PValue"/> is its mid-p: mcnemar_mid_p and sign_flip. Null for wilcoxon.</summary>
    public double? ExactPValue { get; init; }

    /// <summary>Corrected (Holm) for the other comparisons of its kind that have a p-value: those by metrics of quality, or by what answers take; of all cases, or by tag.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>Cohen's d of the pairs, Cohen's g for passes, the rank-biserial correlation for amounts; null where none can be had.</summary>
    public double? EffectSize { get; init; }

    /// <summary>Which of them: cohens_dz, cohens_g, rank_biserial.</summary>
    public string? EffectSizeName { get; init; }

    /// <summary>Cases in which the variant was better.</summary>
    public int Wins { get; init; }

    public int Ties { get; init; }

    public int Losses { get; init; }

    /// <summary>The smallest difference that these cases would have shown in 80 of 100 evaluations, at the level divided by the comparisons of its kind; above 0, null where none can be had.</summary>
    public double? DetectableDifference { get; init; }

    /// <summary>Cases that it would take to see the difference that was asked for (`detect`); null where none was.</summary>
    public long? CasesNeeded { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>The verdict in plain words.</summary>
    public required string Words { get; init; }
}

/// <summary>What a comparison says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
internal enum Verdict
{
    /// <summary>The variant is better, and chance does not explain it.</summary>
    Better,

    /// <summary>The variant is worse, and chance does not explain it.</summary>
    Worse,

    /// <summary>No difference was found, which is not to say that there is none.</summary>
    NoDifference,

    /// <summary>There are too few cases to say.</summary>
    TooFewCases,
}
