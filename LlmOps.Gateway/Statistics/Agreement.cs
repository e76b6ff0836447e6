namespace LlmOps.Gateway.Statistics;

/// <summary>How far two raters agree, beyond chance.</summary>
/// <param name="Kappa">1 where they always do, 0 as often as by chance, below 0 less often.</param>
/// <param name="StandardError">Of kappa, for a large number of cases.</param>
/// <param name="Interval">Of kappa, within -1 to 1.</param>
/// <param name="Observed">The share of cases in which they agree, 0 to 1.</param>
/// <param name="Expected">That share by chance, given how often each uses each category.</param>
internal sealed record Agreement(double Kappa, double StandardError, Interval Interval, double Observed, double Expected);
