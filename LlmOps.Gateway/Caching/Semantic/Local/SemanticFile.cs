using LlmOps.Gateway.Storage;
using Microsoft.Data.Sqlite;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>
/// The database in the data folder, as one that may fail: it is a cache, so that one that is damaged is set aside for a new one,
/// and where there can be none, there is none. Each is logged once. For one thread at a time.
/// </summary>
internal sealed partial class SemanticFile(LocalStoreOptions options, ILogger logger) : IDisposable
{
    /// <summary>The file's name in the data folder.</summary>
    public const string Name = "semantic.db";

    private SemanticDatabase? _database;
    private bool _isFailing;

    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.Combine(options.Folder!, Name);

    /// <summary>Whether there is one.</summary>
    public bool IsOpen => _database is not null;

    /// <summary>Whether the file is there, open or not.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>Opens it, if that can be.</summary>
    public void Open()
    {
        try
        {
            _database = SemanticDatabase.Open(Path, options.MaxEntries, options.MaxBytes);
        }
        catch (SqliteException exception) when (SqliteFile.IsHeld(exception))
        {
            LogHeld(Path);
        }
        catch (Exception exception) when (exception is InvalidDataException || (exception is SqliteException fault && SqliteFile.IsDamaged(fault)))
        {
            BeginAnew(exception.Message);
        }
        catch (Exception exception)
        {
            LogUnavailable(Path, exception.Message);
        }
    }

    /// <summary>Does something with it; returns whether it is done, also where there is none.</summary>
    public bool Try(Action<SemanticDatabase> action)
    {
        if (_database is not { } database)
        {
            return true;
        }

        try
        {
            action(database);
            _isFailing = false;
            return true;
        }
        catch (SqliteException exception) when (!SqliteFile.IsDamaged(exception))
        {
            // The disk is full, say. Once for a row of failures.
            if (!_isFailing)
            {
                _isFailing = true;
                LogFailing(Path, exception.Message);
            }

            return false;
        }
        catch (Exception exception)
        {
            BeginAnew(exception.Message);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _database?.Dispose();

    private void BeginAnew(string reason)
    {
        try
        {
            _database?.Dispose();
            _database = null;
            LogSetAside(Path, reason, SqliteFile.SetAside(Path));
            _database = SemanticDatabase.Open(Path, options.MaxEntries, options.MaxBytes);
        }
        catch (Exception exception)
        {
            LogUnavailable(Path, exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Path} belongs to another process: this one keeps its semantic cache in memory only. Give each a data folder of its own (Gateway:Data:Folder), or share a Qdrant.")]
    private partial void LogHeld(string path);

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be used, so that the semantic cache is kept in memory only: {Reason}")]
    private partial void LogUnavailable(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} could not be read ({Reason}); it is kept as {Aside}, and the semantic cache's file begins anew.")]
    private partial void LogSetAside(string path, string reason, string aside);

    [LoggerMessage(LogLevel.Warning, "{Path} is not read or written: {Reason}")]
    private partial void LogFailing(string path, string reason);
}
