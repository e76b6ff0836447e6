namespace LlmOps.Gateway.Statistics;

/// <summary>What turning the signs of pairs says.</summary>
/// <param name="PValue">Two-sided, the mid-p: close to its level, however few sums there can be.</param>
/// <param name="ExactPValue">Two-sided, as Fisher has it: never above its level, with few sums far below.</param>
internal sealed record SignFlipResult(double PValue, double ExactPValue);
