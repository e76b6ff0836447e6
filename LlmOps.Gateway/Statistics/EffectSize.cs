namespace LlmOps.Gateway.Statistics;

/// <summary>How large a difference between pairs is, without a unit; above 0 where the variant has more.</summary>
internal static class EffectSize
{
    /// <summary>Cohen's d of pairs, d_z: the mean difference in standard deviations of the differences (Cohen 1988, eq. 2.3.5; Lakens 2013, eq. 6).</summary>
    /// <returns>Null where the differences do not vary.</returns>
    public static double? CohensDz(double meanDifference, double standardDeviation) => standardDeviation > 0 ? meanDifference / standardDeviation : null;

    /// <summary>Cohen's g of cases in which two differ: the share that only the variant passed, minus a half (Cohen 1988, section 5.2). From -0.5 to 0.5; 0.25 is large.</summary>
    /// <param name="onlyBaseline">Cases that the baseline passed, and the variant did not.</param>
    /// <param name="onlyVariant">Cases that the variant passed, and the baseline did not.</param>
    /// <returns>Null where none differ.</returns>
    public static double? CohensG(long onlyBaseline, long onlyVariant) => onlyBaseline + onlyVariant > 0 ? ((double)onlyVariant / (onlyBaseline + onlyVariant)) - 0.5 : null;

    /// <summary>
    /// The rank-biserial correlation of pairs: the share of the rank sum that differences above zero have, minus that of those below (Kerby 2014, "The
    /// simple difference formula"). From -1 to 1.
    /// </summary>
    /// <param name="statistic">Wilcoxon's V.</param>
    /// <param name="ranked">How many pairs differ.</param>
    /// <returns>Null where none do.</returns>
    public static double? RankBiserial(double statistic, int ranked) => ranked > 0 ? (4 * statistic / (ranked * (ranked + 1.0))) - 1 : null;
}
