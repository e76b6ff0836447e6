using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Labels;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts;

/// <summary>All prompts as they are in force, made of what the folder and the database say; immutable.</summary>
/// <param name="Prompts">The prompts by name.</param>
/// <param name="Experiments">All experiments by name, those that are over too.</param>
/// <param name="Faults">What is wrong.</param>
internal sealed record PromptSet(IReadOnlyDictionary<string, Prompt> Prompts, IReadOnlyDictionary<string, Experiment> Experiments, IReadOnlyList<PromptFault> Faults)
{
    /// <summary>No prompts.</summary>
    public static readonly PromptSet Empty = new(new Dictionary<string, Prompt>(), new Dictionary<string, Experiment>(), []);

    /// <summary>Puts together what is in force.</summary>
    /// <param name="content">What the folder says.</param>
    /// <param name="rows">What the database says.</param>
    /// <param name="production">What the environment says of labels that nobody has moved yet.</param>
    /// <param name="before">What was in force until now: a label whose version is gone goes on naming the one it named.</param>
    public static PromptSet Build(PromptFolderContent content, PromptRows rows, IReadOnlyDictionary<string, int> production, PromptSet before)
    {
        List<PromptFault> faults = [.. content.Faults];
        var experiments = ReadExperiments(rows, faults);
        var labels = rows.Labels.ToLookup(row => row.Prompt);
        var texts = rows.Texts.ToDictionary(row => (row.Prompt, (int)row.Version), row => row.ContentHash);
        Dictionary<string, Prompt> prompts = [];
        foreach (var files in content.Prompts.Values)
        {
            // What the database has is what was moved last; the rest is still to be told to it.
            Dictionary<string, int> named = files.Labels?.ToDictionary(label => label.Key, label => label.Value.Version) ?? [];
            if (production.TryGetValue(files.Name, out var version))
            {
                named[LabelName.Production] = version;
            }

            foreach (var row in labels[files.Name])
            {
                named[row.Label] = (int)row.Version;
            }

            prompts[files.Name] = new Prompt
            {
                Name = files.Name,
                Versions = files.Versions,
                Labels = named.ToDictionary(label => label.Key, label => Find(files, label.Key, label.Value, before, faults)),
                Changed = [.. files.Versions.Values.Where(each => texts.TryGetValue((files.Name, each.Number), out var first) && first != each.ContentHash).Select(each => each.Number)],
                Experiment = experiments.Values.FirstOrDefault(each => each.Definition.Prompt == files.Name && each.State == ExperimentState.Running) is { } running ? Run(running, files, faults) : null,
            };
        }

        return new PromptSet(prompts, experiments, faults);
    }

    private static PromptVersion? Find(PromptFiles files, string label, int version, PromptSet before, List<PromptFault> faults)
    {
        if (files.Versions.TryGetValue(version, out var found))
        {
            return found;
        }

        var earlier = before.Prompts.GetValueOrDefault(files.Name)?.Labels.GetValueOrDefault(label);
        faults.Add(new PromptFault(files.Name, null, null, $"Label {label} of prompt {files.Name} names {VersionName.Of(version)}, which is not there; {(earlier is null ? "requests for it fail" : $"{earlier.Name} goes on")}."));
        return earlier;
    }

    private static Dictionary<string, Experiment> ReadExperiments(PromptRows rows, List<PromptFault> faults)
    {
        Dictionary<string, Experiment> experiments = [];
        foreach (var row in rows.Experiments)
        {
            try
            {
                experiments[row.Name] = Experiment.Of(row);
            }
            catch (FormatException exception)
            {
                faults.Add(new PromptFault(row.Prompt, null, null, exception.Message));
            }
        }

        return experiments;
    }

    private static RunningExperiment Run(Experiment experiment, PromptFiles files, List<PromptFault> faults)
    {
        foreach (var variant in experiment.Definition.Variants.Where(variant => !files.Versions.ContainsKey(variant.Version)))
        {
            faults.Add(new PromptFault(files.Name, null, null, $"Variant {variant.Name} of experiment {experiment.Name} is of {VersionName.Of(variant.Version)}, which is not there; nobody sees it."));
        }

        return new RunningExperiment(experiment, files.Versions);
    }
}
