using System.Globalization;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Publishing;

/// <summary>What MLflow is told of a variant, under names that it takes: letters, digits, _ - . and spaces.</summary>
internal static class MLflowNumbers
{
    private const int LongestKey = 200;

    /// <summary>Tags of its run.</summary>
    public static Dictionary<string, string> Tags(EvaluationResult result, Variant variant)
    {
        var said = result.Comparisons.Where(comparison => comparison.Variant == variant.Name && comparison.Tag is null).Select(comparison => $"- {comparison.Metric}: {comparison.Words}");
        var tags = new Dictionary<string, string>
        {
            ["mlflow.source.name"] = "llmops-evaluator",
            ["mlflow.source.type"] = "JOB",
            ["mlflow.note.content"] = string.Join('\n', said.Prepend($"Evaluation of {result.Prompt}: {Status(result)}. The reports are artifacts of the run of {result.Variants[0].Name}.\n")),
            ["prompt"] = result.Prompt,
            ["version"] = variant.Version,
            ["gate"] = Status(result),
        };
        if (variant.Model is { } model)
        {
            tags["model"] = model;
        }

        return tags;
    }

    /// <summary>What it was evaluated with.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Parameters(EvaluationResult result, Variant variant)
    {
        var run = result.Run;
        (string Name, string? Value)[] all =
        [
            ("prompt", result.Prompt), ("version", variant.Version), ("model", variant.Model), ("content_hash", variant.ContentHash),
            ("dataset", run.Dataset), ("dataset_hash", run.DatasetHash), ("cases", Shown(result.Cases.Count)), ("filter", run.Filter.Count == 0 ? null : string.Join(", ", run.Filter)),
            ("sample", run.Sample is { } sample ? Shown(sample) : null), ("seed", Shown(run.Seed)), ("repeats", Shown(run.Repeats)),
            ("confidence", Shown(run.Confidence)), ("gateway", run.Gateway),
        ];
        var told = all.Where(each => each.Value is not null).Select(each => KeyValuePair.Create(each.Name, each.Value!));
        return Unique(told.Concat(variant.Parameters.Select(parameter => KeyValuePair.Create($"parameters.{parameter.Key}", parameter.Value.ToString()))));
    }

    /// <summary>Its numbers: each metric's mean, how it differs from the baseline over all cases, and what its answers took.</summary>
    public static IEnumerable<KeyValuePair<string, double>> Metrics(EvaluationResult result, Variant variant)
    {
        var told = result.Summaries.Where(summary => summary.Variant == variant.Name).SelectMany(Of)
            .Concat(result.Comparisons.Where(comparison => comparison.Variant == variant.Name && comparison.Tag is null).SelectMany(Of))
            .Concat(Answers([.. result.Cases.SelectMany(each => each.Answers).Where(answer => answer.Variant == variant.Name)]));
        return Unique(told.Where(metric => metric.Value is { } value && double.IsFinite(value)).Select(metric => KeyValuePair.Create(metric.Name, metric.Value!.Value)));
    }

    private static (string Name, double? Value)[] Of(MetricSummary summary) =>
        [(summary.Metric, summary.Mean), ($"{summary.Metric}.cases", summary.Cases), ($"{summary.Metric}.missing", summary.Missing)];

    private static (string Name, double? Value)[] Of(MetricComparison comparison) =>
    [
        ($"{comparison.Metric}.difference", comparison.Difference),
        ($"{comparison.Metric}.p_value", comparison.PValue),
        ($"{comparison.Metric}.adjusted_p_value", comparison.AdjustedPValue),
    ];

    // What is not known is in no sum and no mean; a sum of nothing is left out.
    private static (string Name, double? Value)[] Answers(List<AnswerResult> all)
    {
        var answers = all.Select(result => result.Answer).OfType<Answer>().ToList();
        return
        [
            ("answers.failed", all.Count - answers.Count),
            ("answers.latency_ms", answers.Count == 0 ? null : answers.Average(answer => answer.LatencyMs)),
            ("answers.input_tokens", Sum(answers.Select(answer => (decimal?)answer.InputTokens))),
            ("answers.output_tokens", Sum(answers.Select(answer => (decimal?)answer.OutputTokens))),
            ("answers.cost_usd", Sum(answers.Select(answer => answer.CostUsd))),
            ("answers.unpriced", answers.Count(answer => answer.CostUsd is null)),
        ];
    }

    private static double? Sum(IEnumerable<decimal?> values) => values.Where(value => value is not null).ToList() is { Count: > 0 } known ? (double)known.Sum()! : null;

    // Two names may become the same one: none may take the other's place.
    private static IEnumerable<KeyValuePair<string, T>> Unique<T>(IEnumerable<KeyValuePair<string, T>> all)
    {
        var taken = new HashSet<string>();
        foreach (var (name, value) in all)
        {
            var key = Key(name);
            for (var number = 2; !taken.Add(key); number++)
            {
                key = $"{Key(name)} {Shown(number)}";
            }

            yield return KeyValuePair.Create(key, value);
        }
    }

    // A name of dots alone, or one that ends in a space, would be a path to the store of files.
    private static string Key(string name)
    {
        var key = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or ' ' ? letter : '_')).Trim();
        return key.Trim('.').Length == 0 ? $"_{key}" : key.Length > LongestKey ? key[..LongestKey].Trim() : key;
    }

    private static string Status(EvaluationResult result) => result.Gate.Status.ToString().ToLowerInvariant();

    private static string Shown(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
