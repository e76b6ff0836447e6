namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>What a judge answered is no judgement. There is no score then: neither 0 nor a guess.</summary>
/// <param name="message">What is wrong with it.</param>
internal sealed class JudgementException(string message) : Exception(message);
