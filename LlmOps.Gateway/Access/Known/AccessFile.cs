using System.Text.Json;

namespace LlmOps.Gateway.Access.Known;

/// <summary>The copy on disk of what a shared database said last, so that a restart without that database knows everyone. For its owner alone.</summary>
internal sealed class AccessFile(string path)
{
    /// <summary>Its path.</summary>
    public string Path { get; } = path;

    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    /// <exception cref="JsonException">It is damaged.</exception>
    public AccessRows? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        using var file = File.OpenRead(Path);
        return JsonSerializer.Deserialize(file, AccessJson.Default.AccessRows);
    }

    /// <summary>Replaces it, at once or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void Write(AccessRows rows)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var temporary = $"{Path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(file, rows, AccessJson.Default.AccessRows);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path, overwrite: true);
    }
}
