using System.Globalization;
using LlmOps.Evaluator.Answers;

namespace LlmOps.Evaluator.Datasets;

/// <summary>Whether versions of a prompt can be asked for all cases of a dataset.</summary>
internal static class DatasetCheck
{
    /// <summary>What keeps them from it: a variable that a version requires and a case lacks, that no version knows, or whose value is too long for one.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="versions">The versions, at least one.</param>
    public static FaultList Faults(Dataset dataset, IReadOnlyList<PromptVersionInfo> versions)
    {
        var faults = new FaultList(dataset.Path);
        var known = versions.SelectMany(version => version.Variables.Select(variable => variable.Name)).Distinct().ToList();
        foreach (var each in dataset.Cases)
        {
            foreach (var name in each.Variables.Keys.Except(known))
            {
                faults.Add(each.Line, $"variables.{name} is not known to {Names(versions)}; expected {(known.Count == 0 ? "no variables" : string.Join(", ", known))} (case {each.Id}).");
            }

            foreach (var name in known)
            {
                Check(each, name, versions, faults);
            }
        }

        return faults;
    }

    private static void Check(EvaluationCase each, string name, IReadOnlyList<PromptVersionInfo> versions, FaultList faults)
    {
        var value = each.Variables.GetValueOrDefault(name);
        var requiring = Those(versions, name, variable => variable.Required);
        if (string.IsNullOrWhiteSpace(value) && requiring.Count > 0)
        {
            faults.Add(each.Line, $"variables.{name} is {(value is null ? "missing" : "empty")}; expected a text, which {Names(requiring)} {(requiring.Count == 1 ? "requires" : "require")} (case {each.Id}).");
        }

        if (value is not null && Those(versions, name, variable => value.Length > variable.MaxLength) is { Count: > 0 } over)
        {
            var most = over.Min(version => version.Variables.First(variable => variable.Name == name).MaxLength);
            faults.Add(each.Line, string.Create(CultureInfo.InvariantCulture, $"variables.{name} has {value.Length} characters; expected at most {most}, as {Names(over)} {(over.Count == 1 ? "says" : "say")} (case {each.Id})."));
        }
    }

    private static List<PromptVersionInfo> Those(IReadOnlyList<PromptVersionInfo> versions, string name, Predicate<PromptVariableInfo> condition) =>
        [.. versions.Where(version => version.Variables.Any(variable => variable.Name == name && condition(variable)))];

    private static string Names(IReadOnlyList<PromptVersionInfo> versions) => string.Join(", ", versions.Select(version => version.Version));
}
