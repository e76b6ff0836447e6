using System.Data.Common;
using Dapper;

namespace LlmOps.Gateway.Storage;

/// <summary>The table settings: what all replicas share, by name.</summary>
internal static class SettingsTable
{
    /// <summary>Adds a setting, unless it is there.</summary>
    /// <returns>Whether it was missing.</returns>
    public static async Task<bool> AddAsync(DbConnection connection, string name, string value) =>
        await connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING", new { name, value }) == 1;

    /// <summary>Adds the version of what is kept up to date, unless it is there.</summary>
    public static Task AddVersionAsync(DbConnection connection, string name) => AddAsync(connection, name, NewVersion());

    /// <summary>Gives a change its version. Done first, it also keeps changes from running beside each other.</summary>
    public static Task ChangeVersionAsync(DbConnection connection, string name) =>
        connection.ExecuteAsync("UPDATE settings SET value = @value WHERE name = @name", new { name, value = NewVersion() });

    /// <summary>A setting that is there.</summary>
    public static Task<string> ReadAsync(DbConnection connection, string name) =>
        connection.QuerySingleAsync<string>("SELECT value FROM settings WHERE name = @name", new { name });

    private static string NewVersion() => Guid.NewGuid().ToString("N");
}
