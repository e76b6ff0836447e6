namespace LlmOps.Gateway.Statistics;

/// <summary>What a guard rail says at one look.</summary>
/// <param name="IsClearlyWorse">Whether the variant is worse by more than is tolerated, beyond doubt.</param>
/// <param name="Worsening">By how much more than tolerated it is worse, as seen, in the metric's unit; below zero where it is within tolerance.</param>
/// <param name="Bound">And at least, at the level asked for. Clearly worse is where this is above zero.</param>
internal sealed record GuardRailVerdict(bool IsClearlyWorse, double Worsening, double Bound);
