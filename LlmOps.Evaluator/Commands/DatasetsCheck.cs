using System.Globalization;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Gateway.Prompts.Files;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary>Checks datasets and eval.yaml files, and tells what it found.</summary>
/// <param name="prompts">The prompts folder.</param>
/// <param name="console">Where it writes.</param>
internal sealed class DatasetsCheck(string prompts, IAnsiConsole console)
{
    private const int MostTags = 6;

    /// <summary>Checks them.</summary>
    /// <param name="names">The prompts; none for all that have a dataset or an eval.yaml.</param>
    /// <param name="file">A dataset in the place of the one prompt's own, or, where no prompt is named, for itself; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="BadInputException">A prompt that is named is not there, or there is nothing to check.</exception>
    public async Task<int> RunAsync(IReadOnlyList<string> names, string? file, CancellationToken cancellationToken)
    {
        var content = new PromptFolder(prompts, TimeProvider.System).Read(atOnce: true);
        var unknown = names.Where(name => !content.Prompts.ContainsKey(name) && content.Faults.All(fault => fault.Prompt != name)).ToList();
        if (unknown.Count > 0)
        {
            throw new BadInputException([.. unknown.Select(name => $"There is no prompt '{name}' in {prompts}; expected one of {string.Join(", ", content.Prompts.Keys.Order(StringComparer.Ordinal))}.")]);
        }

        if (file is not null && names.Count > 1)
        {
            throw new BadInputException("--dataset is there beside several prompts; expected one prompt, or none.");
        }

        List<Checked> all = [];
        if (file is not null && names.Count == 0)
        {
            all.Add(await CheckAsync(null, file, cancellationToken));
        }

        foreach (var name in names.Count > 0 || file is not null ? names : WithDataset(content))
        {
            var files = content.Prompts.GetValueOrDefault(name);
            var read = await CheckAsync(files is null ? new PromptInfo(name, new Dictionary<string, string?>(), []) : PromptInfo.Of(files), file, cancellationToken);
            all.Add(read with { Faults = [.. content.Faults.Where(fault => fault.Prompt == name).SelectMany(Lines), .. read.Faults] });
        }

        return all.Count > 0 ? Tell(all) : throw new BadInputException($"No prompt in {prompts} has a dataset; expected dataset.jsonl beside its versions.");
    }

    // Those too of whose versions none can be read.
    private List<string> WithDataset(PromptFolderContent content) =>
        [.. content.Prompts.Keys.Union(content.Faults.Select(fault => fault.Prompt).OfType<string>()).Where(name => EvaluationFile.IsIn(Path.Combine(prompts, name))).Order(StringComparer.Ordinal)];

    private IReadOnlyList<string> Lines(PromptFault fault)
    {
        var faults = new FaultList(Path.Combine(prompts, fault.File ?? fault.Prompt!));
        faults.Add(fault.Line, fault.Reason);
        return faults.Lines;
    }

    private async Task<Checked> CheckAsync(PromptInfo? prompt, string? file, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        Dataset? dataset = null;
        try
        {
            if (prompt is not null)
            {
                var settings = await EvaluationFile.OfFolderAsync(Path.Combine(prompts, prompt.Name), cancellationToken);
                file ??= settings.Dataset;
                CheckBaseline(prompt, settings, faults);
            }
        }
        catch (BadInputException exception)
        {
            faults.AddRange(exception.Faults);
        }

        try
        {
            // Where eval.yaml is wrong, it does not say which file.
            if (file is not null)
            {
                dataset = await Dataset.ReadAsync(file, cancellationToken);
                faults.AddRange(prompt is { Versions.Count: > 0 } ? DatasetCheck.Faults(dataset, prompt.Versions).Lines : []);
            }
        }
        catch (BadInputException exception)
        {
            faults.AddRange(exception.Faults);
        }

        return new Checked(prompt?.Name, file, dataset, faults);
    }

    private static void CheckBaseline(PromptInfo prompt, EvaluationFile settings, List<string> faults)
    {
        try
        {
            if (settings.Baseline is { } baseline)
            {
                prompt.Find(baseline);
            }
        }
        catch (BadInputException exception)
        {
            faults.Add($"{prompt.Name}/{EvaluationFile.Name}: baseline: {exception.Message}");
        }
    }

    private int Tell(List<Checked> all)
    {
        var table = new Table().AddColumns("Prompt", "File").AddColumn(new TableColumn("Cases").RightAligned()).AddColumn("Tags").AddColumn(new TableColumn("Faults").RightAligned());
        foreach (var each in all)
        {
            var cases = each.Dataset?.Cases.Count.ToString(CultureInfo.InvariantCulture) ?? "-";
            table.AddRow([.. new[] { each.Prompt ?? "-", Path.GetFileName(each.File) ?? "-", cases, Tags(each.Dataset), each.Faults.Count.ToString(CultureInfo.InvariantCulture) }.Select(text => new Text(text))]);
        }

        console.Write(table);
        foreach (var fault in all.SelectMany(each => each.Faults))
        {
            // Past the console's layout, which would break a line within its file name and number.
            console.Profile.Out.Writer.WriteLine(fault);
        }

        return all.Exists(each => each.Faults.Count > 0) ? BadInputException.ExitCode : 0;
    }

    private static string Tags(Dataset? dataset)
    {
        var tags = (dataset?.Cases ?? []).SelectMany(each => each.Tags).CountBy(tag => tag).OrderByDescending(tag => tag.Value).ThenBy(tag => tag.Key, StringComparer.Ordinal).ToList();
        var most = string.Join(", ", tags.Take(MostTags).Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key} {tag.Value}")));
        return tags.Count > MostTags ? string.Create(CultureInfo.InvariantCulture, $"{most} and {tags.Count - MostTags} more") : most;
    }

    private sealed record Checked(string? Prompt, string? File, Dataset? Dataset, IReadOnlyList<string> Faults);
}
