using System.Security.Cryptography;
using System.Text;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Runs;

/// <summary>What is to be asked and scored.</summary>
internal sealed record EvaluationPlan
{
    public required string Prompt { get; init; }

    /// <summary>What is compared; the first is the baseline.</summary>
    public required IReadOnlyList<PlannedVariant> Variants { get; init; }

    public required IReadOnlyList<PlannedCase> Cases { get; init; }

    /// <summary>How often each case is asked of each variant, at least 1.</summary>
    public required int Repeats { get; init; }

    /// <summary>The most calls at once, at least 1.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Whether answers may come from the gateway's caches.</summary>
    public bool UsesCache { get; init; }

    /// <summary>What answers are scored by, those of quality first, each name once: of all cases and of single ones.</summary>
    public IReadOnlyList<Metric> Metrics =>
        [.. Cases.SelectMany(each => each.Evaluators).Select(evaluator => evaluator.Metric).DistinctBy(metric => metric.Name).OrderByDescending(metric => metric.IsQuality)];

    /// <summary>Another text for another plan: what a run that is taken up again must have had as well.</summary>
    public string Hash
    {
        get
        {
            var text = new StringBuilder().AppendJoin('\n', [Prompt, .. Variants.Select(variant => $"{variant.Facts.Name} {variant.Facts.ContentHash} {variant.AskedModel}")]).Append('\n').Append(Repeats).Append(UsesCache);
            foreach (var planned in Cases)
            {
                text.Append('\n').Append(planned.Case.Id).AppendJoin(' ', planned.Case.Variables.Select(variable => $"{variable.Key}={variable.Value}"));
            }

            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
        }
    }
}

/// <summary>A variant, and what is known of its version.</summary>
/// <param name="Facts">What reports say of it.</param>
/// <param name="Version">The version.</param>
/// <param name="AskedModel">The model that answers, as callers name it: what is asked for, the prompt's own, or the gateway's default.</param>
internal sealed record PlannedVariant(Variant Facts, PromptVersionInfo Version, string AskedModel);

/// <summary>A case, and what its answers are scored by.</summary>
/// <param name="Case">The case.</param>
/// <param name="Evaluators">Those of all cases, and its own.</param>
internal sealed record PlannedCase(EvaluationCase Case, IReadOnlyList<IEvaluator> Evaluators);
