namespace LlmOps.Gateway.Storage;

/// <summary>The folder of a process that is gone. Disposing it gives it up, as it is then.</summary>
/// <param name="path">The folder.</param>
/// <param name="held">What keeps others out.</param>
/// <param name="isWhole">Whether it is the data folder itself, where other things lie as well.</param>
internal sealed class AdoptedFolder(string path, FolderLock? held = null, bool isWhole = false) : IDisposable
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>Says that nothing is left to do there: removes what it holds, of the data folder itself nothing.</summary>
    public void Delete()
    {
        foreach (var entry in isWhole ? [] : new DirectoryInfo(Path).EnumerateFileSystemInfos().Where(entry => entry.Name != FolderLock.Name))
        {
            if (entry is DirectoryInfo folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => held?.Dispose();
}
