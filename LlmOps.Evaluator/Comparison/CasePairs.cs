using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Comparison;

/// <summary>The cases of which both the baseline and a variant have a value by a metric.</summary>
internal sealed class CasePairs
{
    // What is the same but for the rounding of means over repeats is a tie.
    private const double Rounding = 1e-9;

    private CasePairs(double[] baseline, double[] variant, double[] weights, int missing)
    {
        (Baseline, Variant, Weights, Missing) = (baseline, variant, weights, missing);
        Differences = [.. baseline.Zip(variant, Difference)];
    }

    /// <summary>The baseline's values.</summary>
    public double[] Baseline { get; }

    /// <summary>The variant's, in the same order.</summary>
    public double[] Variant { get; }

    /// <summary>How much each case counts.</summary>
    public double[] Weights { get; }

    /// <summary>Variant minus baseline.</summary>
    public double[] Differences { get; }

    /// <summary>Cases that should have a value of both and do not.</summary>
    public int Missing { get; }

    public int Count => Differences.Length;

    /// <summary>Whether cases count differently.</summary>
    public bool IsWeighted => Weights.AsSpan().ContainsAnyExcept(Weights.FirstOrDefault());

    /// <summary>Of some of the cases.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="cases">All cases.</param>
    /// <param name="chosen">Which of them, by index.</param>
    /// <param name="baseline">The baseline's scores of all cases.</param>
    /// <param name="variant">The variant's.</param>
    public static CasePairs Of(Metric metric, IReadOnlyList<CaseResult> cases, IEnumerable<int> chosen, CaseScore[] baseline, CaseScore[] variant)
    {
        var (ofBaseline, ofVariant, weights, missing) = (new List<double>(), new List<double>(), new List<double>(), 0);
        foreach (var index in chosen)
        {
            // Two answers share out what a judge of both gives.
            var (one, other) = (metric.IsPairwise ? variant[index] with { Value = 1 - variant[index].Value } : baseline[index], variant[index]);
            if (one.Value is { } first && other.Value is { } second)
            {
                ofBaseline.Add(first);
                ofVariant.Add(second);
                weights.Add(cases[index].Weight);
            }
            else
            {
                missing += one.IsMissing || other.IsMissing ? 1 : 0;
            }
        }

        return new CasePairs([.. ofBaseline], [.. ofVariant], [.. weights], missing);
    }

    private static double Difference(double baseline, double variant) =>
        Math.Abs(variant - baseline) <= Rounding * Math.Max(Math.Abs(baseline), Math.Abs(variant)) ? 0 : variant - baseline;
}
