namespace LlmOps.Evaluator.Runs;

/// <summary>The run makes no more calls.</summary>
/// <param name="reason">Why, in words.</param>
internal sealed class RunEndedException(string reason) : Exception(reason);
