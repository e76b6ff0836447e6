using System.Data.Common;
using System.Security.Cryptography;
using Dapper;

namespace LlmOps.Gateway.Access.Known;

/// <summary>What access keeps in the table settings.</summary>
internal static class AccessSettings
{
    /// <summary>Differs after every change of what is known for access.</summary>
    public const string Version = "access_version";

    /// <summary>Hashes keys.</summary>
    public const string KeyHashSecret = "key_hash_secret";

    /// <summary>Signs tokens.</summary>
    public const string TokenSecret = "token_secret";

    private const int SecretBytes = 32;

    /// <summary>Makes what is missing: the secrets are made once, by whoever comes first.</summary>
    public static async Task PrepareAsync(DbConnection connection)
    {
        await AddAsync(connection, KeyHashSecret, NewSecret());
        await AddAsync(connection, TokenSecret, NewSecret());
        await AddAsync(connection, Version, NewVersion());
    }

    /// <summary>Adds a setting, unless it is there.</summary>
    /// <returns>Whether it was missing.</returns>
    public static async Task<bool> AddAsync(DbConnection connection, string name, string value) =>
        await connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING", new { name, value }) == 1;

    /// <summary>Gives a change its version. Done first, it also keeps changes from running beside each other.</summary>
    public static Task ChangeVersionAsync(DbConnection connection) =>
        connection.ExecuteAsync("UPDATE settings SET value = @value WHERE name = @name", new { name = Version, value = NewVersion() });

    /// <summary>A setting that is there.</summary>
    public static Task<string> ReadAsync(DbConnection connection, string name) =>
        connection.QuerySingleAsync<string>("SELECT value FROM settings WHERE name = @name", new { name });

    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    private static string NewVersion() => Guid.NewGuid().ToString("N");
}
