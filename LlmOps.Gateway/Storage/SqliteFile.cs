using Dapper;
using Microsoft.Data.Sqlite;

namespace LlmOps.Gateway.Storage;

/// <summary>Opens databases of SQLite in the data folder, which only the gateway's own user may read.</summary>
internal static class SqliteFile
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    // Primary result codes: https://sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    // In seconds. Whoever holds the file does so for long, or is just ending.
    private const int LongestWait = 1;

    // Files beside the database that belong to it.
    private static readonly string[] Suffixes = ["", "-wal", "-shm", "-journal"];

    static SqliteFile() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Opens a file, which is created where it is missing. What is committed survives the end of this process, however it ends.</summary>
    /// <param name="path">The file; null for a database in memory, which ends with the connection.</param>
    /// <param name="isExclusive">Whether it belongs to this connection alone, until that is closed.</param>
    public static SqliteConnection Open(string? path, bool isExclusive)
    {
        if (path is not null)
        {
            CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Create(path);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path ?? ":memory:", Pooling = false, DefaultTimeout = LongestWait }.ToString());
        try
        {
            connection.Open();

            // The first one has an effect on a new file only, and comes too late after the others.
            connection.Execute($"PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = {(isExclusive ? "EXCLUSIVE" : "NORMAL")}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");

            // The lock is taken with the first transaction.
            connection.Execute("BEGIN IMMEDIATE; COMMIT");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether another process has the file.</summary>
    public static bool IsHeld(SqliteException exception) => exception.SqliteErrorCode == Busy;

    /// <summary>Whether the file is damaged, or no database.</summary>
    public static bool IsDamaged(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>Renames a file, so that a new one can take its place; one that was set aside before is gone.</summary>
    /// <returns>Its new name.</returns>
    public static string SetAside(string path)
    {
        var aside = path + ".unreadable";
        foreach (var suffix in Suffixes)
        {
            File.Delete(aside + suffix);
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix);
            }
        }

        return aside;
    }

    /// <summary>Creates a folder that only the gateway's own user may enter; one that is there stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnersFolder);
        }
    }

    // SQLite would create it for everyone to read; its other files have the permissions of this one. A file that is there is not
    // opened: closing it would release the locks of a connection of this process.
    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (File.Exists(path))
        {
            File.SetUnixFileMode(path, OwnersFile);
            return;
        }

        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersFile });
    }
}
