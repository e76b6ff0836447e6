using LlmOps.Gateway.Functions.Kept;
using LlmOps.Gateway.Guardrails;

namespace LlmOps.Gateway.Functions;

/// <summary>What the rounds of a request need.</summary>
/// <param name="Runner">Makes calls.</param>
/// <param name="Answers">Keeps answers that went out in part.</param>
/// <param name="Approved">Makes calls that were approved.</param>
/// <param name="Guardrails">Are told of personal data.</param>
internal sealed record ToolServices(ToolRunner Runner, KeptAnswers Answers, ApprovedCalls Approved, GuardrailStatistics Guardrails);
