namespace LlmOps.Tests.Statistics;

/// <summary>Data sets with known results: those of R's documentation, and of the tests' first papers.</summary>
internal static class KnownData
{
    /// <summary>Student 1908: hours of sleep gained by ten patients, R's <c>sleep</c>.</summary>
    public static double[] SleepFirst => [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];

    public static double[] SleepSecond => [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

    /// <summary>Hollander, Wolfe 1973, page 69: permeability of a membrane at term and at 12 to 26 weeks.</summary>
    public static double[] MembraneAtTerm => [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];

    public static double[] MembraneBefore => [1.15, 0.88, 0.90, 0.74, 1.21];

    /// <summary>Hollander, Wolfe 1973, page 29: Hamilton depression factor before and after a tranquilizer.</summary>
    public static double[] DepressionBefore => [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];

    public static double[] DepressionAfter => [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];

    /// <summary>Darwin 1876: how much taller crossed maize is than self-fertilized, in eighths of an inch, as in Fisher 1935.</summary>
    public static double[] Maize => [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

    /// <summary>R's <c>airquality</c>: ozone in May and in August, days without a measurement as NaN.</summary>
    public static double[] OzoneInMay =>
    [
        41, 36, 12, 18, double.NaN, 28, 23, 19, 8, double.NaN, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, double.NaN, double.NaN, double.NaN, 23, 45, 115, 37,
    ];

    public static double[] OzoneInAugust =>
    [
        39, 9, 16, 78, 35, 66, 122, 89, 110, double.NaN, double.NaN, 44, 28, 65, double.NaN, 22, 59, 23, 31, 44, 21, 9, double.NaN, 45, 168, 73, double.NaN, 76, 118, 84, 85,
    ];
}
