using LlmOps.Gateway.Configuration;
using Microsoft.Data.Sqlite;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// Opens SQLite at the start: a file that is damaged is set aside for a new one, and where there can be none, the gateway starts
/// with a database in memory. Each is loud, and shows in /health until the end.
/// </summary>
internal sealed partial class SqliteStart(DataFolder folder, StorageOptions options, TimeProvider time, ILogger<SqliteDatabase> logger)
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "llmops.db";

    private readonly string _path = Path.Combine(folder.Path, FileName);

    /// <summary>What went wrong; null where nothing did.</summary>
    public string? Fault { get; private set; }

    /// <summary>Opens it.</summary>
    /// <exception cref="ConfigurationException">It belongs to another process, or was written by a later program.</exception>
    public SqliteDatabase Open()
    {
        try
        {
            return folder.Fault is { } fault ? InMemory(fault) : OpenFile();
        }
        catch (SqliteException exception) when (SqliteFile.IsDamaged(exception))
        {
            return BeginAnew(exception.Message);
        }
    }

    private SqliteDatabase OpenFile()
    {
        try
        {
            return new SqliteDatabase(_path, time, options, logger);
        }
        catch (SqliteException exception) when (SqliteFile.IsHeld(exception))
        {
            throw DataFolder.IsHeld(folder.Path);
        }
        catch (DatabaseException exception)
        {
            throw new ConfigurationException([$"{_path} cannot be used: {exception.Message} Start that version, or set another Gateway:Data:Folder."]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException || (exception is SqliteException fault && !SqliteFile.IsDamaged(fault)))
        {
            return InMemory(exception.Message);
        }
    }

    private SqliteDatabase BeginAnew(string reason)
    {
        try
        {
            var aside = SqliteFile.SetAside(_path);
            LogSetAside(_path, reason, aside);
            Fault = $"{FileName} could not be read; it is kept as {Path.GetFileName(aside)}, and a new one has begun";
            return OpenFile();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return InMemory(exception.Message);
        }
    }

    private SqliteDatabase InMemory(string reason)
    {
        LogInMemory(_path, reason);
        Fault = "in memory: its file cannot be written, and what is recorded ends with this run";
        return new SqliteDatabase(path: null, time, options, logger);
    }

    [LoggerMessage(LogLevel.Error, "{Path} could not be read ({Reason}). It is kept as {Aside}, and a new one begins: keys, users and the usage so far are in that file alone.")]
    private partial void LogSetAside(string path, string reason, string aside);

    [LoggerMessage(LogLevel.Error, "{Path} cannot be opened ({Reason}): keys, users and usage are kept in memory, and end with this run.")]
    private partial void LogInMemory(string path, string reason);
}
