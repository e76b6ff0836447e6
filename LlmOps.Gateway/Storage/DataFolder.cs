using System.Globalization;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// The data folder, and what of it is this process's own: with SQLite all of it, with PostgreSQL the first folder in processes/ that is
/// nobody's, so that a process that starts anew has the one it had before.
/// </summary>
internal sealed partial class DataFolder : IDisposable
{
    private const string Key = GatewayOptions.SectionName + ":" + nameof(GatewayOptions.Data) + ":" + nameof(DataOptions.Folder);
    private const string Processes = "processes";
    private const int MostProcesses = 999;

    private readonly ILogger<DataFolder> _logger;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _unusable = [];
    private readonly FolderLock? _own;
    private bool _whole;

    /// <exception cref="ConfigurationException">It belongs to another process.</exception>
    public DataFolder(GatewayConfiguration configuration, ILogger<DataFolder> logger)
    {
        var options = configuration.Current.Options;
        var isShared = options.Storage.ConnectionString is not null;
        Path = System.IO.Path.GetFullPath(options.Data.Folder);
        _logger = logger;
        _whole = !isShared;
        try
        {
            SqliteFile.CreateFolder(Path);
            (Own, _own) = isShared ? TakeNumber() : (Path, FolderLock.TryTake(Path) ?? throw IsHeld(Path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What would lie there is written to a place that this run has.
            Fault = exception.Message.TrimEnd('.');
            Own = Directory.CreateTempSubdirectory("llmops-").FullName;
            LogUnusable(Path, Fault, Own);
        }
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What belongs to this process alone: the folder itself with SQLite, a folder in it with PostgreSQL; where it cannot be written, one of temporary files.</summary>
    public string Own { get; }

    /// <summary>Why the folder cannot be written; null where it can.</summary>
    public string? Fault { get; }

    /// <summary>Called with the folder of a process that is gone before what is left there is removed: whoever has left something there takes it over.</summary>
    public event Action<string>? Adopting;

    /// <summary>Removes what is left in the folder of a process that is gone, once all have taken theirs.</summary>
    /// <exception cref="IOException">Something could not be taken over, or removed.</exception>
    public void Clear(AdoptedFolder adopted)
    {
        Adopting?.Invoke(adopted.Path);
        adopted.Delete();
    }

    /// <summary>Another process has the data folder.</summary>
    public static ConfigurationException IsHeld(string path) => new(
        [$"{Key} is '{path}', which belongs to another gateway that is running; expected a folder of its own for each, or PostgreSQL ({EnvironmentNames.Describe("Gateway:Storage:ConnectionString")}), with which any number can share one."]);

    /// <summary>
    /// Folders of processes that are gone, which may have left something to do, now this process's: whoever asks does it there, then
    /// disposes them. None is given to two at a time. With PostgreSQL the data folder itself is among them once: a process with SQLite may have had it.
    /// </summary>
    public IReadOnlyList<AdoptedFolder> TakeAbandoned()
    {
        if (Fault is not null)
        {
            return [];
        }

        lock (_lock)
        {
            var processes = System.IO.Path.Combine(Path, Processes);
            var adopted = Directory.Exists(processes)
                ? Directory.GetDirectories(processes).Order(StringComparer.Ordinal).Select(folder => Adopt(folder, isWhole: false)).OfType<AdoptedFolder>().ToList()
                : [];
            if (!_whole && Adopt(Path, isWhole: true) is { } whole)
            {
                _whole = true;
                adopted.Add(whole);
            }

            return adopted;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _own?.Dispose();
        if (Fault is not null && !Directory.EnumerateFileSystemEntries(Own).Any())
        {
            Directory.Delete(Own);
        }
    }

    private (string Folder, FolderLock Lock) TakeNumber()
    {
        for (var number = 1; number <= MostProcesses; number++)
        {
            var folder = System.IO.Path.Combine(Path, Processes, number.ToString("D2", CultureInfo.InvariantCulture));
            try
            {
                SqliteFile.CreateFolder(folder);
                if (FolderLock.TryTake(folder) is { } taken)
                {
                    return (folder, taken);
                }
            }
            catch (UnauthorizedAccessException exception) when (Directory.Exists(folder))
            {
                // Another account's, say: the next one may do.
                _unusable.Add(folder);
                LogCannotUse(folder, exception.Message);
            }
        }

        throw new IOException($"{MostProcesses} processes share it already.");
    }

    private AdoptedFolder? Adopt(string folder, bool isWhole)
    {
        try
        {
            return (isWhole || HasContent(folder)) && FolderLock.TryTake(folder) is { } taken ? new AdoptedFolder(folder, taken, isWhole) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (_unusable.Add(folder))
            {
                LogCannotAdopt(folder, exception.Message);
            }

            return null;
        }
    }

    private static bool HasContent(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Any(entry => System.IO.Path.GetFileName(entry) != FolderLock.Name);

    [LoggerMessage(LogLevel.Error, "The data folder {Path} cannot be written ({Reason}): nothing that is kept there outlives this run. What must be written lies in {Own}. Set Gateway:Data:Folder.")]
    private partial void LogUnusable(string path, string reason, string own);

    [LoggerMessage(LogLevel.Warning, "The folder {Folder} cannot be used, so this process takes the next one: {Reason}")]
    private partial void LogCannotUse(string folder, string reason);

    [LoggerMessage(LogLevel.Warning, "What a process that is gone has left in {Folder} cannot be taken over: {Reason}")]
    private partial void LogCannotAdopt(string folder, string reason);
}
