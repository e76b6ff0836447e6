using LlmOps.Gateway.Statistics;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>One test on one kind of data.</summary>
/// <param name="Test">What is tested.</param>
/// <param name="Data">On what.</param>
/// <param name="Effect">The difference that is there when there is one.</param>
/// <param name="Run">Draws the data of an experiment with this difference, and tests them; null where there were too little.</param>
internal sealed record Scenario(string Test, string Data, double Effect, Func<SeededRandom, double, Outcome?> Run);

/// <summary>What a test says of one experiment.</summary>
/// <param name="PValue">Null where it has none.</param>
/// <param name="Interval">Null where it has none.</param>
internal sealed record Outcome(double? PValue, Interval? Interval);
