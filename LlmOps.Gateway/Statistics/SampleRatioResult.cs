namespace LlmOps.Gateway.Statistics;

/// <summary>Whether requests were shared out as the weights say.</summary>
/// <param name="ChiSquare">The statistic, 0 where the shares are exact; null where a variant without a weight got some.</param>
/// <param name="DegreesOfFreedom">Variants that have a weight, minus one.</param>
/// <param name="PValue">Of the chi-square test at a number of requests chosen beforehand, 0 to 1.</param>
/// <param name="AlwaysValidPValue">The same for who looks whenever they like, 0 to 1.</param>
internal sealed record SampleRatioResult(double? ChiSquare, int DegreesOfFreedom, double PValue, double AlwaysValidPValue)
{
    /// <summary>Below this the split is broken rather than unlucky; strict, as every experiment is asked (Kohavi, Tang, Xu 2020, chapter 21).</summary>
    public const double Alarm = 0.001;

    /// <summary>Whether the split is broken, however often one looks.</summary>
    public bool IsMismatch => AlwaysValidPValue < Alarm;
}
