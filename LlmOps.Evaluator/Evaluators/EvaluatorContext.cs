using LlmOps.Evaluator.Answers;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>What evaluators may need beside their settings.</summary>
/// <param name="Gateway">Judges and embeddings are asked through it.</param>
/// <param name="JudgeModel">The model that judges; null for the judge prompt's own.</param>
/// <param name="DefaultModel">The gateway's default model, which answers where a prompt names none.</param>
internal sealed record EvaluatorContext(GatewayClient Gateway, string? JudgeModel, string? DefaultModel = null);
