using System.Data.Common;
using System.Reflection;
using Dapper;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// Brings a database to the form that this program knows: the files of Migrations/, NNN-name.sql, each once and in their order.
/// A file that was released is never changed.
/// </summary>
internal static class Migrations
{
    private const string Folder = "LlmOps.Gateway.Storage.Migrations.";

    /// <summary>Applies what is missing. Its caller holds the lock, and the transaction.</summary>
    /// <exception cref="DatabaseException">The database is of a later program.</exception>
    public static async Task ApplyAsync(DbConnection connection, TimeProvider time)
    {
        await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)");
        var applied = (await connection.QueryAsync<string>("SELECT name FROM schema_migrations")).ToHashSet();
        var known = Names();
        if (applied.Except(known).Order(StringComparer.Ordinal).FirstOrDefault() is { } later)
        {
            throw new DatabaseException($"The database was written by a later version of this program (migration {later}).");
        }

        foreach (var name in known.Where(name => !applied.Contains(name)))
        {
            await connection.ExecuteAsync(TextOf(name));
            await connection.ExecuteAsync("INSERT INTO schema_migrations (name, applied_at) VALUES (@name, @at)", new { name, at = time.GetUtcNow().ToUnixTimeMilliseconds() });
        }
    }

    private static List<string> Names() =>
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..]).Order(StringComparer.Ordinal)];

    private static string TextOf(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + name)!);
        return reader.ReadToEnd();
    }
}
