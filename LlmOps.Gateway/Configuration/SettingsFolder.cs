using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace LlmOps.Gateway.Configuration;

/// <summary>
/// A folder of settings files, of which changes are told. The framework's watches everything below it as well: a clone's
/// working directory is thousands of folders, and where the data folder is one of them, each line of the journal an event.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as the process.")]
internal sealed class SettingsFolder : IFileProvider
{
    // One per folder and process: nobody disposes a source's provider, and each takes one of the system's few inotify instances.
    private static readonly ConcurrentDictionary<string, Lazy<SettingsFolder>> Known = new();

    private readonly PhysicalFileProvider _files;
    private readonly FileSystemWatcher _watcher;
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _changes = new();

    private SettingsFolder(string folder)
    {
        _files = new PhysicalFileProvider(folder);
        _watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Created += (_, file) => Tell(file.Name);
        _watcher.Changed += (_, file) => Tell(file.Name);
        _watcher.Deleted += (_, file) => Tell(file.Name);
        _watcher.Renamed += (_, file) =>
        {
            Tell(file.OldName);
            Tell(file.Name);
        };

        // Events were lost: any of the files may have changed.
        _watcher.Error += (_, _) => _changes.Keys.ToList().ForEach(Tell);
        _watcher.EnableRaisingEvents = !_files.UsePollingFileWatcher;
    }

    /// <summary>The folder's.</summary>
    public static SettingsFolder Of(string folder) => Known.GetOrAdd(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), path => new Lazy<SettingsFolder>(() => new SettingsFolder(path))).Value;

    /// <inheritdoc/>
    public IFileInfo GetFileInfo(string subpath) => _files.GetFileInfo(subpath);

    /// <inheritdoc/>
    public IDirectoryContents GetDirectoryContents(string subpath) => _files.GetDirectoryContents(subpath);

    /// <inheritdoc/>
    /// <param name="filter">The name of a file of the folder.</param>
    /// <remarks>Where <c>DOTNET_USE_POLLING_FILE_WATCHER</c> asks for polling (a mount that tells of no changes), it is the framework's.</remarks>
    public IChangeToken Watch(string filter) => _files.UsePollingFileWatcher
        ? _files.Watch(filter)
        : new CancellationChangeToken(_changes.GetOrAdd(filter, _ => new CancellationTokenSource()).Token);

    private void Tell(string? file)
    {
        if (file is not null && _changes.TryRemove(file, out var change))
        {
            change.Cancel();
        }
    }
}
