using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Errors;
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
    private const string ExperimentSource = "experiment.yaml";

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

    /// <summary>Tells what is new: in one transaction, but for experiments, which the database may not take.</summary>
    /// <returns>What of it cannot be told.</returns>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked; it is to be told again.</exception>
    public async Task<IReadOnlyList<PromptFault>> TellAsync(PromptFolderContent content, IReadOnlyDictionary<string, string> production)
    {
        List<PromptFault> faults = [];
        List<Said> said = [];
        foreach (var files in content.Prompts.Values)
        {
            AddLabels(files, content, said, faults);

            // Last, as it is what was said last: at this start.
            if (ValueOf(files.Name, production) is { } value)
            {
                AddProduction(files, value, said, faults);
            }
        }

        await TellAsync(said, [.. content.Prompts.Values.SelectMany(TextsToTell)]);
        foreach (var files in content.Prompts.Values)
        {
            await TellExperimentAsync(files, content, faults);
        }

        return faults;
    }

    private static string? ValueOf(string prompt, IReadOnlyDictionary<string, string> production) =>
        production.FirstOrDefault(each => PromptName.IsSameVariable(each.Key, prompt)).Value;

    private IEnumerable<PromptVersion> TextsToTell(PromptFiles files)
    {
        var known = records.Current.Texts.Where(row => row.Prompt == files.Name).Select(row => (int)row.Version).ToHashSet();
        return files.Versions.Values.Where(version => !known.Contains(version.Number));
    }

    private void AddLabels(PromptFiles files, PromptFolderContent content, List<Said> said, List<PromptFault> faults)
    {
        const string File = "labels.yaml";
        if (files.Labels is not { } labels)
        {
            // Without the file nothing is said; what it said stays as it is.
            return;
        }

        foreach (var (label, (version, line)) in labels)
        {
            if (files.Versions.ContainsKey(version))
            {
                said.Add(new Said(files.Name, label, MoveSource.File, VersionName.Of(version), connection => MoveAsync(connection, files.Name, label, version, MoveSource.File, File)));
            }
            else
            {
                // A version with a fault of its own comes with the next change of its file.
                faults.Add(new PromptFault(files.Name, $"{files.Name}/{File}", line, $"{label} names {VersionName.Of(version)}, which is not there; expected one of {string.Join(", ", files.Versions.Keys.Order().Select(VersionName.Of))}."));
            }
        }

        // A line that was here and is gone takes its label away, unless somebody else has moved that since. One that was never here is another replica's newer file's.
        var gone = _told.Where(told => told.Key.Prompt == files.Name && told.Key.Source == MoveSource.File && told.Key.Name != ExperimentSource && told.Value.Length > 0 && !labels.ContainsKey(told.Key.Name));
        foreach (var label in gone.Where(_ => content.Faults.All(fault => fault.File != $"{files.Name}/{File}")).Select(told => told.Key.Name))
        {
            said.Add(new Said(files.Name, label, MoveSource.File, "", async connection =>
            {
                if (await LabelTable.FindSourceAsync(connection, files.Name, label) == MoveSource.File)
                {
                    await MoveAsync(connection, files.Name, label, null, MoveSource.File, File);
                }
            }));
        }
    }

    private void AddProduction(PromptFiles files, string value, List<Said> said, List<PromptFault> faults)
    {
        if (VersionName.Parse(value) is { } version && files.Versions.ContainsKey(version))
        {
            said.Add(new Said(files.Name, LabelName.Production, MoveSource.Environment, value, connection => MoveAsync(connection, files.Name, LabelName.Production, version, MoveSource.Environment, null)));
        }
        else
        {
            faults.Add(new PromptFault(files.Name, null, null, $"{files.Name.Replace('-', '_').ToUpperInvariant()}_PROMPT_VERSION is '{value}'; expected one of {string.Join(", ", files.Versions.Keys.Order().Select(VersionName.Of))}. It is passed over."));
        }
    }

    private async Task TellExperimentAsync(PromptFiles files, PromptFolderContent content, List<PromptFault> faults)
    {
        var file = $"{files.Name}/{ExperimentSource}";
        if (files.Experiment is { } definition)
        {
            try
            {
                await TellAsync([new Said(files.Name, ExperimentSource, MoveSource.File, ExperimentJson.Of(definition), connection => ExperimentChanges.TakeAsync(connection, definition, files, SaidBefore(files.Name), time.GetUtcNow()))], []);
            }
            catch (Exception exception) when (exception is PromptFileException or FormatException)
            {
                faults.Add(new PromptFault(files.Name, file, null, exception.Message));
            }
        }
        else if (_told.GetValueOrDefault((files.Name, ExperimentSource, MoveSource.File)) is { Length: > 0 } && SaidBefore(files.Name) is { } before && content.Faults.All(fault => fault.File != file))
        {
            await TellAsync([new Said(files.Name, ExperimentSource, MoveSource.File, "", connection => ExperimentChanges.PauseAsync(connection, before.Name, MoveSource.File, "experiment.yaml is gone", time.GetUtcNow()))], []);
        }
    }

    // Null for nothing, or for what a later program has written.
    private ExperimentDefinition? SaidBefore(string prompt)
    {
        try
        {
            return records.Current.Sources.FirstOrDefault(row => row.Prompt == prompt && row.Name == ExperimentSource && row.Source == MoveSource.File) is { Value.Length: > 0 } said
                ? ExperimentJson.Read(said.Value)
                : null;
        }
        catch (GatewayException)
        {
            return null;
        }
    }

    // Has done what is said anew: by one replica, where several say it.
    private async Task TellAsync(List<Said> all, List<PromptVersion> texts)
    {
        var untold = all.Where(said => _told.GetValueOrDefault(said.Key) != said.Value).ToList();
        var known = records.Current.Sources.ToDictionary(row => (row.Prompt, row.Name, row.Source), row => row.Value);
        var changed = untold.Where(said => known.GetValueOrDefault(said.Key) != said.Value).ToList();
        if (changed.Count > 0 || texts.Count > 0)
        {
            await records.ChangeAsync(async connection =>
            {
                await connection.ExecuteAsync(
                    "INSERT INTO prompt_versions (prompt, version, content_hash, first_seen_at) VALUES (@Prompt, @Version, @ContentHash, @at) ON CONFLICT (prompt, version) DO NOTHING",
                    texts.Select(version => new { version.Prompt, Version = (long)version.Number, version.ContentHash, at = time.GetUtcNow().ToUnixTimeMilliseconds() }));
                foreach (var said in changed)
                {
                    var isNew = await connection.ExecuteAsync(
                        """
                        INSERT INTO prompt_sources (prompt, name, source, value) VALUES (@Prompt, @Name, @Source, @Value)
                        ON CONFLICT (prompt, name, source) DO UPDATE SET value = @Value WHERE prompt_sources.value <> @Value
                        """,
                        new { said.Prompt, said.Name, said.Source, said.Value });
                    if (isNew == 1)
                    {
                        await said.Change(connection);
                    }
                }

                return true;
            });
        }

        untold.ForEach(said => _told[said.Key] = said.Value);
    }

    private Task<LabelMove?> MoveAsync(DbConnection connection, string prompt, string label, int? version, string source, string? comment) =>
        PromptLabels.MoveAsync(connection, new LabelMove(prompt, label, null, version, source, source, comment, time.GetUtcNow()));

    /// <summary>What a source says, and what follows from that where it is new.</summary>
    private sealed record Said(string Prompt, string Name, string Source, string Value, Func<DbConnection, Task> Change)
    {
        public (string Prompt, string Name, string Source) Key => (Prompt, Name, Source);
    }
}
