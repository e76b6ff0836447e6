using System.Text.Json;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>An evaluator as it is asked for, in eval.yaml, a dataset or on the command line.</summary>
/// <param name="Type">Which: rouge_l, json_schema, judge, …</param>
/// <param name="Name">What its metric is called; its type where nothing else is said.</param>
/// <param name="Settings">Its settings, an object without name; null for none.</param>
internal sealed record EvaluatorSpec(string Type, string Name, JsonElement? Settings);
