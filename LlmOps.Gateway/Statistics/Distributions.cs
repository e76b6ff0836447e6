using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace LlmOps.Gateway.Statistics;

/// <summary>Tails and critical values. Tails are computed as such, so that small ones keep their digits.</summary>
internal static class Distributions
{
    /// <summary>The value that a standard normal variable stays within, in absolute terms, at this confidence: 1.96 for 0.95.</summary>
    /// <param name="confidence">Above 0, below 1; anything else is a mistake of the caller's, and thrown.</param>
    public static double NormalCritical(double confidence) => -Normal.InvCDF(0, 1, Tail(confidence));

    /// <summary>The same for Student's t.</summary>
    public static double StudentCritical(double confidence, double degreesOfFreedom) => -StudentT.InvCDF(0, 1, degreesOfFreedom, Tail(confidence));

    /// <summary>The p-value, two-sided, of a standard normal statistic.</summary>
    public static double NormalTails(double statistic) => Math.Min(1, 2 * Normal.CDF(0, 1, -Math.Abs(statistic)));

    /// <summary>The p-value, two-sided, of Student's t.</summary>
    public static double StudentTails(double statistic, double degreesOfFreedom) => Math.Min(1, 2 * StudentT.CDF(0, 1, degreesOfFreedom, -Math.Abs(statistic)));

    /// <summary>The p-value of a chi-square statistic.</summary>
    public static double ChiSquareTail(double statistic, int degreesOfFreedom) => statistic <= 0 ? 1 : SpecialFunctions.GammaUpperRegularized(degreesOfFreedom / 2.0, statistic / 2);

    private static double Tail(double confidence) => confidence is > 0 and < 1 ? (1 - confidence) / 2 : throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1.");
}
