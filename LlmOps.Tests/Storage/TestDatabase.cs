using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Storage;

/// <summary>A database as the gateway has it, with its log.</summary>
internal static class TestDatabase
{
    /// <summary>PostgreSQL; not waited for.</summary>
    public static PostgresDatabase Open(string url, CollectedLogs logs, StorageOptions? options = null) =>
        new(PostgresConnectionString.Parse(url), options ?? new StorageOptions(), TimeProvider.System, LoggerOf<PostgresDatabase>(logs));

    /// <summary>A logger whose lines are collected.</summary>
    public static ILogger<T> LoggerOf<T>(CollectedLogs logs) => new Logger<T>(new LoggerFactory([logs]));

    /// <summary>PostgreSQL, when it can be asked.</summary>
    public static async Task<PostgresDatabase> ReadyAsync(string url, CollectedLogs logs, StorageOptions? options = null)
    {
        var database = Open(url, logs, options);
        await IsUpAsync(database);
        return database;
    }

    /// <summary>Waits until it can be asked.</summary>
    public static Task IsUpAsync(PostgresDatabase database) => Conditions.HoldsAsync(() => Task.FromResult(database.Fault is null));
}
