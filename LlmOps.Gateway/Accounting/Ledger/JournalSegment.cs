using Microsoft.Win32.SafeHandles;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>A file of the journal. Its lines are only appended to, and it is removed as a whole.</summary>
/// <param name="Path">The file: NNNNNNNNNN.jsonl, in the order of their beginning; of requests that were open, NNNNNNNNNN.open.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record JournalSegment(string Path, long Bytes)
{
    private const string Extension = ".jsonl";
    private const string Latest = ".latest" + Extension;
    private const string SetAsideExtension = ".damaged";
    private const int MostSetAside = 16;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>The name of the segment with a number.</summary>
    public static string NameOf(long number) => $"{number:D10}{Extension}";

    /// <summary>The name of the mapped file with a number, in which the latest lines are gathered: whoever finds it reads it as a segment.</summary>
    public static string NameOfLatest(long number) => $"{number:D10}{Latest}";

    /// <summary>Whether it is such a file, which has zeros behind its lines.</summary>
    public static bool IsLatest(string path) => path.EndsWith(Latest, StringComparison.Ordinal);

    /// <summary>The segments of a folder, in their order; none where there is no such folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder must not be read.</exception>
    public static IReadOnlyList<JournalSegment> In(string folder) => In(folder, Extension);

    /// <summary>The files of a folder with an extension, in their order; none where there is no such folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder must not be read.</exception>
    public static IReadOnlyList<JournalSegment> In(string folder, string extension) => Directory.Exists(folder)
        ? [.. new DirectoryInfo(folder).GetFiles("*" + extension).OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => new JournalSegment(file.FullName, file.Length))]
        : [];

    /// <summary>The number of the latest segment of a folder, set aside or not; 0 for none.</summary>
    public static long LatestIn(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? Directory.GetFiles(folder).Select(file => long.TryParse(System.IO.Path.GetFileName(file).Split('.')[0], out var number) ? number : 0).DefaultIfEmpty().Max()
                : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Creates a file of the journal, and its folder, for their owner alone.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    public static SafeFileHandle Create(string path, FileAccess access)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnersFolder);
        }

        var file = File.OpenHandle(path, FileMode.CreateNew, access, FileShare.Read | FileShare.Delete);
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, OwnersFile);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A later try may have the same name.
            file.Dispose();
            File.Delete(path);
            throw;
        }

        return file;
    }

    /// <summary>Removes it.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Delete() => File.Delete(Path);

    /// <summary>Moves it to a folder where nobody reads it but people; of those that lie there, the latest 16 are kept.</summary>
    /// <returns>Its new name.</returns>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public string SetAside(string folder)
    {
        // Those of other processes' folders have numbers of their own.
        var aside = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(Path) + SetAsideExtension);
        for (var copy = 1; File.Exists(aside); copy++)
        {
            aside = System.IO.Path.Combine(folder, $"{System.IO.Path.GetFileName(Path)}.{copy}{SetAsideExtension}");
        }

        File.Move(Path, aside);
        foreach (var old in new DirectoryInfo(folder).GetFiles("*" + SetAsideExtension).OrderByDescending(file => file.LastWriteTimeUtc).Skip(MostSetAside))
        {
            old.Delete();
        }

        return aside;
    }
}
