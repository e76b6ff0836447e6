using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>Whether the parts of a result that was read belong together: reports look up metrics and variants by their names.</summary>
internal static class ResultCheck
{
    private const int MostFaults = 10;

    /// <summary>The result itself.</summary>
    /// <exception cref="BadInputException">A part names what is not there.</exception>
    public static EvaluationResult Checked(EvaluationResult result, string path)
    {
        string[] faults = [.. Faults(result).Take(MostFaults).Select(fault => $"'{path}', field {fault}")];
        return faults.Length == 0 ? result : throw new BadInputException(faults);
    }

    private static IEnumerable<string> Faults(EvaluationResult result)
    {
        if (result.Variants.Count == 0)
        {
            yield return "variants: there is none; expected at least one.";
        }

        var variants = result.Variants.Select(variant => variant.Name).ToHashSet();
        var metrics = result.Metrics.Select(metric => metric.Name).ToHashSet();
        foreach (var (field, name, known) in Names(result, variants, metrics))
        {
            if (!known.Contains(name))
            {
                yield return $"{field}: '{name}' is not there; expected one of {string.Join(", ", known)}.";
            }
        }
    }

    // Every place that a variant or metric is named in, and those it may name.
    private static IEnumerable<(string Field, string Name, HashSet<string> Known)> Names(EvaluationResult result, HashSet<string> variants, HashSet<string> metrics)
    {
        foreach (var (index, summary) in result.Summaries.Index())
        {
            yield return ($"summaries[{index}].variant", summary.Variant, variants);
            yield return ($"summaries[{index}].metric", summary.Metric, metrics);
        }

        foreach (var (index, comparison) in result.Comparisons.Index())
        {
            yield return ($"comparisons[{index}].baseline", comparison.Baseline, variants);
            yield return ($"comparisons[{index}].variant", comparison.Variant, variants);
            yield return ($"comparisons[{index}].metric", comparison.Metric, metrics);
        }

        foreach (var (index, each) in result.Cases.Index())
        {
            foreach (var answer in each.Answers)
            {
                yield return ($"cases[{index}].answers.variant", answer.Variant, variants);
                foreach (var metric in answer.Scores.Keys)
                {
                    yield return ($"cases[{index}].answers.scores", metric, metrics);
                }
            }
        }
    }
}
