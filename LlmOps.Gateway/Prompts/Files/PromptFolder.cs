using System.Text;
using LlmOps.Gateway.Prompts.Experiments;

namespace LlmOps.Gateway.Prompts.Files;

/// <summary>
/// Reads the prompts folder: NAME/vN.yaml, labels.yaml, experiment.yaml. Each file is taken as a whole once it is written, and
/// one that cannot be taken leaves what it said before.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="time">The clock.</param>
internal sealed class PromptFolder(string path, TimeProvider time)
{
    /// <summary>How long a file must have been as it is before a change of it is taken: it may still be being written, or be about to come back.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private const string LabelsName = "labels.yaml";
    private const string ExperimentName = "experiment.yaml";
    private const long MostBytes = 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, KnownFile> _known = [];

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>Reads what has changed.</summary>
    /// <param name="atOnce">Whether a change is taken though the file may still be being written.</param>
    public PromptFolderContent Read(bool atOnce)
    {
        List<PromptFault> faults = [];
        var there = List(faults);
        foreach (var file in there.Keys.Concat(_known.Keys).Distinct().ToList())
        {
            Look(file, there.TryGetValue(file, out var stamp) ? stamp : null, atOnce);
        }

        faults.AddRange(_known.Values.Select(known => known.Fault).OfType<PromptFault>());
        var prompts = _known.Where(file => file.Value.Content is not null).GroupBy(file => PromptOf(file.Key)).Select(Combine).Where(prompt => prompt.Versions.Count > 0);
        return new PromptFolderContent(prompts.ToDictionary(prompt => prompt.Name), faults, !_known.Values.Any(IsUnsettled));
    }

    // What could not be read for long is no longer waited for; the next regular look tries again.
    private bool IsUnsettled(KnownFile known) => known.Seen != known.Taken && time.GetElapsedTime(known.SeenAt) < 2 * Settling;

    private static PromptFiles Combine(IGrouping<string, KeyValuePair<string, KnownFile>> files)
    {
        var contents = files.Select(file => file.Value.Content).ToList();
        return new PromptFiles(
            files.Key,
            contents.OfType<PromptVersion>().ToDictionary(version => version.Number),
            contents.OfType<IReadOnlyDictionary<string, (int, int?)>>().FirstOrDefault(),
            contents.OfType<ExperimentDefinition>().FirstOrDefault());
    }

    private static string PromptOf(string file) => file[..file.IndexOf('/', StringComparison.Ordinal)];

    // The files that are there, by their path from the folder on.
    private Dictionary<string, Stamp> List(List<PromptFault> faults)
    {
        Dictionary<string, Stamp> files = [];
        try
        {
            foreach (var folder in new DirectoryInfo(Path).EnumerateDirectories().Where(folder => !folder.Name.StartsWith('.')))
            {
                List(folder, files, faults);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // No folder, no prompts.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new PromptFault(null, null, null, $"The prompts folder {Path} cannot be read: {exception.Message}"));
            KeepKnown(files, "");
        }

        return files;
    }

    private void List(DirectoryInfo folder, Dictionary<string, Stamp> files, List<PromptFault> faults)
    {
        try
        {
            foreach (var file in folder.EnumerateFiles().Where(file => IsYaml(file.Name)))
            {
                if (!PromptName.IsValid(folder.Name))
                {
                    faults.Add(new PromptFault(null, folder.Name, null, $"'{folder.Name}' cannot be a prompt; expected {PromptName.Form}."));
                    return;
                }

                if (!IsKnown(file.Name))
                {
                    faults.Add(new PromptFault(folder.Name, $"{folder.Name}/{file.Name}", null, $"It is passed over; expected {VersionName.Of(1)}.yaml, {LabelsName} or {ExperimentName}."));
                }
                else if (Stamp.Of(file) is { } stamp)
                {
                    files[$"{folder.Name}/{file.Name}"] = stamp;
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Gone since it was listed; it may be about to come back.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A folder that nobody may look into, such as lost+found, is no prompt; of one that is, what is known goes on.
            if (PromptName.IsValid(folder.Name))
            {
                faults.Add(new PromptFault(folder.Name, folder.Name, null, $"It cannot be read: {exception.Message}"));
                KeepKnown(files, $"{folder.Name}/");
            }
        }
    }

    private void KeepKnown(Dictionary<string, Stamp> files, string prefix)
    {
        foreach (var (file, known) in _known.Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (known.Seen is { } seen)
            {
                files[file] = seen;
            }
        }
    }

    // What the evaluator reads is not the gateway's.
    private static bool IsYaml(string name) => !name.StartsWith('.') && (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
        && name != "eval.yaml" && !name.StartsWith("dataset", StringComparison.Ordinal);

    private static bool IsKnown(string name) => name is LabelsName or ExperimentName || VersionOf(name) is not null;

    private static int? VersionOf(string name) => name.EndsWith(".yaml", StringComparison.Ordinal) ? VersionName.Parse(name.AsSpan()[..^".yaml".Length]) : null;

    private void Look(string file, Stamp? stamp, bool atOnce)
    {
        var known = _known.GetValueOrDefault(file) ?? new KnownFile(null, null, null, null, 0);
        if (stamp != known.Seen)
        {
            known = known with { Seen = stamp, SeenAt = time.GetTimestamp() };
        }

        if (stamp is null && known.Taken is null)
        {
            // Gone before it was ever taken.
            known = null;
        }
        else if (stamp != known.Taken && (atOnce || time.GetElapsedTime(known.SeenAt) >= Settling))
        {
            known = stamp is null ? null : Take(file, known, atOnce);
        }

        if (known is null)
        {
            _known.Remove(file);
        }
        else
        {
            _known[file] = known;
        }
    }

    private KnownFile Take(string file, KnownFile known, bool atOnce)
    {
        var (prompt, name) = (PromptOf(file), file[(file.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        try
        {
            var path = System.IO.Path.Combine(Path, prompt, name);
            var text = ReadText(path);
            if (!atOnce && Stamp.Of(new FileInfo(path)) != known.Seen)
            {
                // Written since it was listed, so that what was read may be a part of it; the next look decides.
                return known;
            }

            object content = VersionOf(name) is { } number ? VersionFile.Read(prompt, number, text)
                : name == LabelsName ? LabelsFile.Read(text)
                : ExperimentFile.Read(prompt, text);
            return known with { Content = content, Fault = null, Taken = known.Seen };
        }
        catch (FileNotFoundException)
        {
            // Gone since it was listed; the next look decides.
            return known;
        }
        catch (PromptFileException exception)
        {
            return known with { Fault = new PromptFault(prompt, file, exception.Line, exception.Message), Taken = known.Seen };
        }
        catch (DecoderFallbackException)
        {
            return known with { Fault = new PromptFault(prompt, file, null, "It is not valid UTF-8."), Taken = known.Seen };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever writes it may hold it: it is tried again.
            return known with { Fault = new PromptFault(prompt, file, null, $"It cannot be read: {exception.Message}") };
        }
    }

    // Not shared with writers: where they hold a file (on Windows, and whoever locks it elsewhere) it is not whole yet.
    private static string ReadText(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (stream.Length > MostBytes)
        {
            throw new PromptFileException(null, $"It has {stream.Length} bytes; expected at most {MostBytes}.");
        }

        using var reader = new StreamReader(stream, Utf8);
        return reader.ReadToEnd();
    }

    private readonly record struct Stamp(long Length, DateTime WrittenAt)
    {
        // Of a link, that of the file it leads to: where a ConfigMap is mounted, the links stay the same. Null for a file that is gone since it was listed.
        public static Stamp? Of(FileInfo file)
        {
            try
            {
                var target = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
                return new Stamp(target.Length, target.LastWriteTimeUtc);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    // What a file says, as of the stamp that it was taken with; and the stamp that it was seen with last, since when.
    private sealed record KnownFile(object? Content, PromptFault? Fault, Stamp? Taken, Stamp? Seen, long SeenAt);
}
