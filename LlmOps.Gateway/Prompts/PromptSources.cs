using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Labels;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts;

/// <summary>
/// Tells the database what labels.yaml, experiment.yaml and NAME_PROMPT_VERSION say. Only what they say anew is a move: what each
/// said last is kept in the database, so that neither a restart nor another replica repeats it.
/// </summary>
internal sealed class PromptSources(PromptRecords records, TimeProvider time)
{
    // What this process has told already: an older file on another replica is not told again and again.
    private readonly Dictionary<(string Prompt, string Name, string Source), string> _told = [];

    /// <summary>The versions that the environment says production is to name, of prompts that are there.</summary>
    public static IReadOnlyDictionary<string, int> ProductionOf(PromptFolderContent content, IReadOnlyDictionary<string, string> production)
    {
        Dictionary<string, int> versions = [];
        foreach (var prompt in content.Prompts.Keys)
        {
            if (ValueOf(prompt, production) is { } value && VersionName.Parse(value) is { } version && content.Prompts[prompt].Versions.ContainsKey(version))
            {
                versions[prompt] = version;
            }
        }

        return versions;
    }

    /// <summary>Tells what is new.</summary>
    /// <returns>What of it cannot be.</returns>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked; it is to be told again.</exception>
    public async Task<IReadOnlyList<PromptFault>> TellAsync(PromptFolderContent content, IReadOnlyDictionary<string, string> production)
    {
        List<PromptFault> faults = [];
        foreach (var files in content.Prompts.Values)
        {
            await TellTextsAsync(files);
            await TellLabelsAsync(files, content, faults);
            await TellExperimentAsync(files, content, faults);

            // Last, as it is what was said last: at this start.
            if (ValueOf(files.Name, production) is { } value)
            {
                await TellProductionAsync(files, value, faults);
            }
        }

        return faults;
    }

    private static string? ValueOf(string prompt, IReadOnlyDictionary<string, string> production) =>
        production.FirstOrDefault(each => PromptName.IsSameVariable(each.Key, prompt)).Value;

    private async Task TellTextsAsync(PromptFiles files)
    {
        var known = records.Current.Texts.Where(row => row.Prompt == files.Name).Select(row => (int)row.Version).ToHashSet();
        var missing = files.Versions.Values.Where(version => !known.Contains(version.Number)).ToList();
        if (missing.Count > 0)
        {
            await records.ChangeAsync(async connection => await connection.ExecuteAsync(
                "INSERT INTO prompt_versions (prompt, version, content_hash, first_seen_at) VALUES (@Prompt, @Version, @ContentHash, @at) ON CONFLICT (prompt, version) DO NOTHING",
                missing.Select(version => new { version.Prompt, Version = (long)version.Number, version.ContentHash, at = time.GetUtcNow().ToUnixTimeMilliseconds() })));
        }
    }

    private async Task TellLabelsAsync(PromptFiles files, PromptFolderContent content, List<PromptFault> faults)
    {
        const string File = "labels.yaml";
        if (files.Labels is not { } labels)
        {
            // Without the file nothing is said; what it said stays as it is.
            return;
        }

        foreach (var (label, (version, line)) in labels)
        {
            if (!files.Versions.ContainsKey(version))
            {
                // A version with a fault of its own comes with the next change of its file.
                faults.Add(new PromptFault(files.Name, $"{files.Name}/{File}", line, $"{label} names {VersionName.Of(version)}, which is not there; expected one of {string.Join(", ", files.Versions.Keys.Order().Select(VersionName.Of))}."));
                continue;
            }

            await TellAsync(files.Name, label, MoveSource.File, VersionName.Of(version), connection => MoveAsync(connection, files.Name, label, version, MoveSource.File, File));
        }

        // A line that is gone takes its label away, unless somebody else has moved that since.
        var gone = records.Current.Sources.Where(row => row.Prompt == files.Name && row.Source == MoveSource.File && row.Name != ExperimentSource && row.Value.Length > 0 && !labels.ContainsKey(row.Name)).ToList();
        foreach (var row in gone.Where(row => content.Faults.All(fault => fault.File != $"{files.Name}/{File}")))
        {
            await TellAsync(files.Name, row.Name, MoveSource.File, "", async connection =>
            {
                if (records.Current.Labels.Any(label => label.Prompt == files.Name && label.Label == row.Name && label.Source == MoveSource.File))
                {
                    await MoveAsync(connection, files.Name, row.Name, null, MoveSource.File, File);
                }
            });
        }
    }

    private async Task TellProductionAsync(PromptFiles files, string value, List<PromptFault> faults)
    {
        if (VersionName.Parse(value) is not { } version || !files.Versions.ContainsKey(version))
        {
            faults.Add(new PromptFault(files.Name, null, null, $"{files.Name.Replace('-', '_').ToUpperInvariant()}_PROMPT_VERSION is '{value}'; expected one of {string.Join(", ", files.Versions.Keys.Order().Select(VersionName.Of))}. It is passed over."));
            return;
        }

        await TellAsync(files.Name, LabelName.Production, MoveSource.Environment, value, connection => MoveAsync(connection, files.Name, LabelName.Production, version, MoveSource.Environment, null));
    }

    private const string ExperimentSource = "experiment.yaml";

    private async Task TellExperimentAsync(PromptFiles files, PromptFolderContent content, List<PromptFault> faults)
    {
        var file = $"{files.Name}/{ExperimentSource}";
        if (files.Experiment is { } definition)
        {
            try
            {
                await TellAsync(files.Name, ExperimentSource, MoveSource.File, ExperimentJson.Of(definition), connection => ExperimentChanges.TakeAsync(connection, definition, files, SaidBefore(files.Name), time.GetUtcNow()));
            }
            catch (PromptFileException exception)
            {
                faults.Add(new PromptFault(files.Name, file, exception.Line, exception.Message));
            }
        }
        else if (SaidBefore(files.Name) is { } before && content.Faults.All(fault => fault.File != file))
        {
            await TellAsync(files.Name, ExperimentSource, MoveSource.File, "", connection => ExperimentChanges.PauseAsync(connection, before.Name, MoveSource.File, "experiment.yaml is gone", time.GetUtcNow()));
        }
    }

    private ExperimentDefinition? SaidBefore(string prompt) =>
        records.Current.Sources.FirstOrDefault(row => row.Prompt == prompt && row.Name == ExperimentSource && row.Source == MoveSource.File) is { Value.Length: > 0 } said
            ? ExperimentJson.Read(said.Value)
            : null;

    // Has something done where a source says something new; by one replica, where several say it.
    private async Task TellAsync(string prompt, string name, string source, string value, Func<DbConnection, Task> change)
    {
        var key = (prompt, name, source);
        if (_told.GetValueOrDefault(key) == value)
        {
            return;
        }

        if (records.Current.Sources.FirstOrDefault(row => row.Prompt == prompt && row.Name == name && row.Source == source)?.Value != value)
        {
            await records.ChangeAsync(async connection =>
            {
                var isNew = await connection.ExecuteAsync(
                    """
                    INSERT INTO prompt_sources (prompt, name, source, value) VALUES (@prompt, @name, @source, @value)
                    ON CONFLICT (prompt, name, source) DO UPDATE SET value = @value WHERE prompt_sources.value <> @value
                    """,
                    new { prompt, name, source, value });
                if (isNew == 1)
                {
                    await change(connection);
                }

                return true;
            });
        }

        _told[key] = value;
    }

    private Task<LabelMove?> MoveAsync(DbConnection connection, string prompt, string label, int? version, string source, string? comment) =>
        PromptLabels.MoveAsync(connection, new LabelMove(prompt, label, null, version, source, source, comment, time.GetUtcNow()));
}
