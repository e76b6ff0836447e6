using System.Data.Common;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Prompts.Records;

/// <summary>
/// What the database knows of prompts, from memory; changed here, it is known on all replicas soon after. Without the database
/// the last that was read goes on.
/// </summary>
internal sealed class PromptRecords : IDisposable
{
    private const string Channel = "llmops_prompts";
    private const string What = "Labels and experiments";

    private readonly IDatabase _database;
    private readonly CopyFile<PromptRows>? _file;
    private readonly DatabaseCopy _copy;
    private volatile PromptRows _current = PromptRows.Empty;
    private bool _isPrepared;

    public PromptRecords(IDatabase database, DataFolder folder, TimeProvider time, ILogger<PromptRecords> logger)
    {
        _database = database;
        _file = database.IsShared ? new CopyFile<PromptRows>(Path.Combine(folder.Path, "prompts.json"), What, PromptRowsJson.Default.PromptRows, logger) : null;
        _copy = new DatabaseCopy(database, Channel, What, ReadAsync, time, logger);
    }

    /// <summary>What it knows.</summary>
    public PromptRows Current => _current;

    /// <summary>Called after every reading; must return soon.</summary>
    public Action WhenRead { get; set; } = () => { };

    /// <summary>Why it cannot be asked; null while it can.</summary>
    public string? Fault => _copy.Fault;

    /// <summary>The database that cannot be asked, so that a change by others may not be known here; null while all is well.</summary>
    public string? Missing => _copy.Fault is null ? null : _database.Name;

    /// <summary>Begins to follow it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _copy.StartAsync(cancellationToken);
        if (_current.Version.Length == 0 && _file?.Read(rows => rows) is { } rows)
        {
            // A reading that has come meanwhile is the better one.
            Interlocked.CompareExchange(ref _current, rows, PromptRows.Empty);
            WhenRead();
        }
    }

    /// <summary>Follows it no more.</summary>
    public Task StopAsync() => _copy.StopAsync();

    /// <summary>Changes what is known, in one transaction: known here when this returns, and on all replicas soon after.</summary>
    /// <param name="change">Runs its statements on the connection; no other change runs beside it.</param>
    /// <param name="cancellationToken">Gives it up; it may be done all the same.</param>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<T> ChangeAsync<T>(Func<DbConnection, Task<T>> change, CancellationToken cancellationToken = default)
    {
        await _copy.EnsureReadAsync();
        var result = await _database.WriteAsync(
            async connection =>
            {
                await SettingsTable.ChangeVersionAsync(connection, PromptRows.VersionSetting);
                return await change(connection);
            },
            Channel,
            cancellationToken);
        await _copy.LoadAsync();
        return result;
    }

    /// <summary>Reads what is not kept in memory.</summary>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken = default) => _database.ReadAsync(read, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _copy.Dispose();

    private async Task ReadAsync()
    {
        if (!_isPrepared)
        {
            await _database.WriteAsync(async connection =>
            {
                await SettingsTable.AddVersionAsync(connection, PromptRows.VersionSetting);
                return true;
            });
            _isPrepared = true;
        }

        if (await _database.ReadAsync(connection => PromptRows.ReadAsync(connection, _copy.ReadAt is null ? "" : _current.Version)) is { } rows)
        {
            _current = rows;
            _file?.Write(rows);
        }

        WhenRead();
    }
}
