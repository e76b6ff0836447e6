using System.Data.Common;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Access;

/// <summary>
/// Sees to it that somebody can administer: with the configured key, else with one that the first replica of an installation
/// makes and shows that once; and with the user that is configured to be the first.
/// </summary>
internal sealed partial class FirstAdministrator(
    GatewayConfiguration configuration, DataFolder folder, SqliteStart sqlite, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<FirstAdministrator> logger)
{
    private const string MadeKey = "administrator_key";

    // With the hash of the key.
    private const string MovedKey = "administrator_key_of_file";

    // Tried again as it is: a database that did not answer in time may have it.
    private (string Id, string Key) _new = (KeyText.CreateId(time), KeyText.Create());
    private UserRow? _user;
    private string? _fileToRemove;
    private string? _nextNotice;

    private string _notice = configuration.Current.Options.Access.AdministratorKey is null
        ? "not known: the database cannot be asked. Where none was made yet, one is made and shown when it can"
        : "as configured";

    /// <summary>What is said of the administrator's key, once: the key itself on the run that makes it, which does not keep it any longer than that.</summary>
    public string TakeNotice() => Interlocked.Exchange(ref _notice, "as shown before");

    /// <summary>Looks what is missing. What takes its time, as hashing a password does, is done here, and not while the database waits.</summary>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task PrepareAsync(IDatabase database)
    {
        if (_user is null && configuration.Current.Options.Access is { AdministratorUsername: { } name, AdministratorPassword: { } password }
            && await database.ReadAsync(connection => UserTable.FindAsync(connection, name)) is null)
        {
            _user = new UserRow
            {
                Name = name,
                Tenant = Tenant.Default,
                Roles = RoleNames.Join(Principal.Administrator.Roles),
                PasswordHash = PasswordHash.Create(password.Reveal()),
                CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
            };
        }
    }

    /// <summary>Makes what is missing, in the transaction of the caller; <see cref="Prepared"/> is called when that is committed.</summary>
    /// <returns>Whether something was made.</returns>
    public async Task<bool> MakeAsync(DbConnection connection)
    {
        var madeKey = configuration.Current.Options.Access.AdministratorKey is null && await MakeKeyAsync(connection);
        if (_user is not null && !await UserTable.AddAsync(connection, _user))
        {
            // Another replica was quicker.
            _user = null;
        }

        return _user is not null || madeKey;
    }

    /// <summary>What was made is in the database.</summary>
    public void Prepared()
    {
        // A database in memory, which stands in for one that cannot be opened, ends with this run.
        if (_fileToRemove is not null && sqlite.Fault is null)
        {
            RemoveFile(_fileToRemove);
        }

        if (_user is not null)
        {
            LogMadeUser(_user.Name);
        }

        _new = (_new.Id, "");
        if (Interlocked.Exchange(ref _nextNotice, null) is { } notice)
        {
            _notice = notice;
            if (lifetime.ApplicationStarted.IsCancellationRequested)
            {
                // The start-up block was shown before this was known. Not to the log, which others keep.
                Console.Out.WriteLine($"  Admin key   {TakeNotice()}");
            }
        }
    }

    private async Task<bool> MakeKeyAsync(DbConnection connection)
    {
        var path = Path.Combine(folder.Path, "admin.key");
        var secret = Convert.FromBase64String(await SettingsTable.ReadAsync(connection, AccessSettings.KeyHashSecret));
        var earlier = ReadFile(path);
        _fileToRemove = earlier is null ? null : path;

        // Once: a file that cannot be removed must not bring back, at the next start, a key that was rotated away since then.
        if (earlier is not null && await IsFirstAsync(connection, $"{MovedKey}:{KeyHash.Of(earlier, secret)}"))
        {
            await SettingsTable.AddAsync(connection, MadeKey, _new.Id);
            await KeyTable.AddAsync(connection, RowOf("administrator, of admin.key", earlier, secret));
            _nextNotice = $"moved from {path} into the database, where only its hash is kept; it still holds";
            return true;
        }

        var isMissing = await SettingsTable.AddAsync(connection, MadeKey, _new.Id);
        if (isMissing)
        {
            await KeyTable.AddAsync(connection, RowOf("administrator", _new.Key, secret));
        }

        _nextNotice = await SettingsTable.ReadAsync(connection, MadeKey) == _new.Id
            ? $"{_new.Key} (shown this once: only its hash is kept)"
            : "made and shown at an earlier start; LLMOPS_ADMIN_KEY sets one beside it";
        return isMissing;
    }

    // Also where an earlier attempt of this run was done, and its answer lost.
    private async Task<bool> IsFirstAsync(DbConnection connection, string setting) =>
        await SettingsTable.AddAsync(connection, setting, _new.Id) || await SettingsTable.ReadAsync(connection, setting) == _new.Id;

    private KeyRow RowOf(string name, string key, byte[] secret) => new()
    {
        Id = _new.Id,
        Name = name,
        Hash = KeyHash.Of(key, secret).ToString(),
        Tenant = Tenant.Default,
        Roles = RoleNames.Join(Principal.Administrator.Roles),
        CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    // Null where there is none that can be used.
    private string? ReadFile(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 and <= KeyText.Longest } key ? key : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFileNotRead(exception, path);
            return null;
        }
    }

    private void RemoveFile(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFileNotRemoved(exception, path);
        }
    }

    [LoggerMessage(LogLevel.Information, "The configured administrator {Name} was made: a user who can log in.")]
    private partial void LogMadeUser(string name);

    [LoggerMessage(LogLevel.Warning, "The administrator's key of an earlier version, {Path}, cannot be read.")]
    private partial void LogFileNotRead(Exception exception, string path);

    [LoggerMessage(LogLevel.Warning, "The administrator's key was moved into the database; {Path} cannot be removed, do so by hand.")]
    private partial void LogFileNotRemoved(Exception exception, string path);
}
