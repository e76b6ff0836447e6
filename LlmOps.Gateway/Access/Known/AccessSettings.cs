using System.Data.Common;
using System.Security.Cryptography;
using LlmOps.Gateway.Storage;

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
        await SettingsTable.AddAsync(connection, KeyHashSecret, NewSecret());
        await SettingsTable.AddAsync(connection, TokenSecret, NewSecret());
        await SettingsTable.AddVersionAsync(connection, Version);
    }

    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
}
