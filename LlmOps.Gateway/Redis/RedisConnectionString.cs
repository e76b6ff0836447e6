using System.Globalization;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// What a connection string says. Two forms are read: a URL (<c>redis://</c>, <c>rediss://</c>) and that of
/// StackExchange.Redis (<c>host:port,password=…,ssl=true</c>).
/// </summary>
internal sealed class RedisConnectionString
{
    private const string Plain = "redis://";
    private const string Secure = "rediss://";
    private const int DefaultTlsPort = 6380;

    // Words of StackExchange.Redis that only tune that client, or say what this one does anyway; the settings of
    // Gateway:Redis stand for those that count.
    private static readonly HashSet<string> PassedOver = new(StringComparer.OrdinalIgnoreCase)
    {
        "abortConnect", "allowAdmin", "asyncTimeout", "configChannel", "configCheckSeconds", "connectRetry", "connectTimeout", "heartbeatConsistencyChecks", "heartbeatInterval",
        "highPriorityThreads", "keepAlive", "preserveAsyncOrder", "resolveDns", "responseTimeout", "setlib", "syncTimeout", "tiebreaker", "version", "writeBuffer",
    };

    private static readonly HashSet<string> NotSupported = new(StringComparer.OrdinalIgnoreCase) { "channelPrefix", "serviceName", "proxy", "tunnel" };

    /// <summary>Where to connect, in this order until one answers; at least one.</summary>
    public IReadOnlyList<RedisAddress> Addresses { get; private set; } = [];

    /// <summary>Who logs in; null for Redis's default user.</summary>
    public string? User { get; private set; }

    /// <summary>The password; null where none is needed.</summary>
    public Secret? Password { get; private set; }

    /// <summary>Number of the database.</summary>
    public int Database { get; private set; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool UsesTls { get; private set; }

    /// <summary>The name that the server's certificate must have; null for the host that was connected to.</summary>
    public string? TlsHost { get; private set; }

    /// <summary>Whether authorities are asked if the certificate was revoked.</summary>
    public bool ChecksRevocation { get; private set; }

    /// <summary>By what name the connection is listed at the server.</summary>
    public string ClientName { get; private set; } = "llmops-gateway";

    /// <summary>Whether RESP3 is not even tried.</summary>
    public bool UsesResp2 { get; private set; }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">It has a fault. The message continues a sentence that begins with the key, and quotes no secret.</exception>
    public static RedisConnectionString Parse(string text)
    {
        var isUrl = text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase) || text.StartsWith(Secure, StringComparison.OrdinalIgnoreCase);
        var read = isUrl ? FromUrl(text) : FromWords(text);
        return read is { User: not null, Password: null } ? throw new FormatException("has a user but no password; in redis:// a password alone is :password@host") : read;
    }

    private static RedisConnectionString FromUrl(string text)
    {
        var read = new RedisConnectionString { UsesTls = text.StartsWith(Secure, StringComparison.OrdinalIgnoreCase) };
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Split(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Split(beforeQuery, beforeQuery.IndexOf('/', StringComparison.Ordinal));
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Split(authority[..at], authority[..at].IndexOf(':', StringComparison.Ordinal));
            (read.User, read.Password) = (NullIfEmpty(Unescape(user)), password is { Length: > 0 } ? new Secret(Unescape(password)) : null);
        }

        read.Addresses = [AddressOf(authority[(at + 1)..] is { Length: > 0 } address ? address : "localhost", RedisAddress.DefaultPort)];
        if (database?.TrimEnd('/') is { Length: > 0 } number)
        {
            read.Database = DatabaseOf(number);
        }

        foreach (var word in query?.Split('&', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var (name, value) = Split(word, word.IndexOf('=', StringComparison.Ordinal));
            read.Take(name, Unescape(value ?? ""));
        }

        return read;
    }

    private static RedisConnectionString FromWords(string text)
    {
        var read = new RedisConnectionString();
        var hosts = new List<string>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(word, word.IndexOf('=', StringComparison.Ordinal));
            if (value is not null)
            {
                read.Take(name.Trim(), value.Trim());
            }
            else
            {
                // Hosts are logged; what follows a password may be the rest of one with a comma in it.
                hosts.Add(read.Password is null ? word : throw new FormatException("has a part without '=' after the password; hosts come first, and a password can have no comma in this form"));
            }
        }

        read.Addresses = hosts.Count == 0
            ? throw new FormatException("names no host; expected host:port,password=…,ssl=true or redis://user:password@host:port/database")
            : [.. hosts.Select(host => AddressOf(host, read.UsesTls ? DefaultTlsPort : RedisAddress.DefaultPort))];
        return read;
    }

    private void Take(string name, string value)
    {
        switch (name.ToUpperInvariant())
        {
            case "USER" or "USERNAME":
                User = NullIfEmpty(value);
                break;
            case "PASSWORD":
                Password = value.Length == 0 ? null : new Secret(value);
                break;
            case "DEFAULTDATABASE" or "DB":
                Database = DatabaseOf(value);
                break;
            case "SSL" or "TLS":
                UsesTls = FlagOf(name, value);
                break;
            case "SSLHOST":
                TlsHost = NullIfEmpty(value);
                break;
            case "CHECKCERTIFICATEREVOCATION":
                ChecksRevocation = FlagOf(name, value);
                break;
            case "SSLPROTOCOLS":
                // The system's choice holds: TLS 1.2 and later.
                break;
            case "NAME":
                ClientName = value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('!', '~') ? value : throw new FormatException("has a name with a space or a character outside ASCII");
                break;
            case "PROTOCOL":
                UsesResp2 = value.ToUpperInvariant() switch { "RESP2" or "2" => true, "RESP3" or "3" => false, _ => throw new FormatException("has an unknown protocol; expected resp2 or resp3") };
                break;
            default:
                if (!PassedOver.Contains(name))
                {
                    throw new FormatException(CanBeQuoted(name)
                        ? $"has '{name}', which is not supported; expected user, password, defaultDatabase, ssl, sslHost, checkCertificateRevocation, name or protocol"
                        : "has an unknown word after the password; a password can have no comma in this form");
                }

                break;
        }
    }

    private static RedisAddress AddressOf(string text, int defaultPort) =>
        text.Contains("://", StringComparison.Ordinal) ? throw new FormatException("has an unknown scheme; expected redis:// or rediss://")
        : RedisAddress.Parse(text, defaultPort)
        ?? throw new FormatException("has a host that is none; expected host, host:port or [IPv6]:port (special characters of a password in redis:// must be percent-encoded)");

    private static int DatabaseOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("has a database that is no whole number from 0");

    private static bool FlagOf(string name, string text) => bool.TryParse(text, out var flag) ? flag : throw new FormatException($"has {name} with neither true nor false");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static string Unescape(string text) => Uri.UnescapeDataString(text);

    // What follows a password may be the rest of one with a comma in it.
    private bool CanBeQuoted(string name) => Password is null || NotSupported.Contains(name);

    private static (string Before, string? After) Split(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
}
