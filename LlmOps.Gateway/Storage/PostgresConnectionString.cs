using System.Data.Common;
using LlmOps.Gateway.Configuration;
using Npgsql;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// What a connection string says. Two forms are read: a URL as libpq has it (<c>postgres://user:password@host:port/database?sslmode=require</c>)
/// and that of ADO.NET (<c>Host=…;Username=…;Password=…;Database=…</c>).
/// </summary>
internal static class PostgresConnectionString
{
    private const string Key = GatewayOptions.SectionName + ":" + nameof(GatewayOptions.Storage) + ":" + nameof(StorageOptions.ConnectionString);
    private const string Forms = "postgres://user:password@host:5432/database, or Host=…;Username=…;Password=…;Database=…";
    private const string NotEncoded = "has a host that is none; expected host, host:port or [IPv6]:port (special characters of a password in postgres:// must be percent-encoded)";
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    // libpq's words, which are also parameters of its URLs, by Npgsql's for the same. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["host"] = "Host", ["port"] = "Port", ["user"] = "Username", ["password"] = "Password", ["dbname"] = "Database", ["application_name"] = "Application Name", ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate", ["sslcert"] = "SSL Certificate", ["sslkey"] = "SSL Key", ["sslnegotiation"] = "SSL Negotiation", ["channel_binding"] = "Channel Binding",
        ["target_session_attrs"] = "Target Session Attributes", ["options"] = "Options",
    };

    // Words that only tune libpq; the settings of Gateway:Storage stand for those that count.
    private static readonly HashSet<string> PassedOver = new(StringComparer.OrdinalIgnoreCase)
    {
        "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "client_encoding", "gssencmode", "fallback_application_name", "load_balance_hosts",
    };

    /// <summary>Reads that of the options; null where there is none, or it has a fault, which is added.</summary>
    public static NpgsqlConnectionStringBuilder? Read(StorageOptions options, List<string> faults)
    {
        if (options.ConnectionString is not { } text)
        {
            return null;
        }

        try
        {
            return Parse(text.Reveal());
        }
        catch (FormatException fault)
        {
            faults.Add($"{EnvironmentNames.Describe(Key)} {fault.Message}.");
            return null;
        }
    }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">It has a fault. The message continues a sentence that begins with the key, and quotes no secret.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        var read = new NpgsqlConnectionStringBuilder();
        var scheme = Array.Find(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
        if (scheme is not null)
        {
            TakeUrl(read, text[scheme.Length..]);
        }
        else
        {
            TakeWords(read, text);
        }

        if (string.IsNullOrEmpty(read.Host))
        {
            throw new FormatException($"names no host; expected {Forms}");
        }

        // Of several hosts only one takes writes.
        if (read.Host.Contains(',', StringComparison.Ordinal) && read.TargetSessionAttributes is null)
        {
            read.TargetSessionAttributes = "primary";
        }

        return read;
    }

    private static void TakeUrl(NpgsqlConnectionStringBuilder read, string rest)
    {
        var (beforeQuery, query) = Split(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Split(beforeQuery, beforeQuery.IndexOf('/', StringComparison.Ordinal));
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Split(authority[..at], authority[..at].IndexOf(':', StringComparison.Ordinal));
            Take(read, "user", Unescape(user));
            Take(read, "password", Unescape(password ?? ""));
        }

        if (query?.Contains('@', StringComparison.Ordinal) == true)
        {
            throw new FormatException(NotEncoded);
        }

        TakeHosts(read, authority[(at + 1)..]);
        Take(read, "dbname", Unescape(database ?? ""));
        foreach (var word in query?.Split('&', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var (name, value) = Split(word, word.IndexOf('=', StringComparison.Ordinal));
            Take(read, name, Unescape(value ?? ""));
        }
    }

    // host, host:port or [IPv6]:port, several with commas between; none where ?host= names the folder of a socket.
    private static void TakeHosts(NpgsqlConnectionStringBuilder read, string text)
    {
        var hosts = Array.ConvertAll(text.Split(',', StringSplitOptions.RemoveEmptyEntries), HostOf);
        if (hosts is [var single])
        {
            (read.Host, read.Port) = (single.IdnHost, single.Port);
        }
        else if (hosts.Length > 1)
        {
            read.Host = string.Join(',', hosts.Select(host => host.Authority));
        }
    }

    private static Uri HostOf(string text)
    {
        var hasPort = text.LastIndexOf(':') > text.LastIndexOf(']');
        return Uri.TryCreate($"tcp://{text}{(hasPort ? "" : $":{NpgsqlConnection.DefaultPort}")}", UriKind.Absolute, out var host)
            && host is { UserInfo: "", AbsolutePath: "" or "/", Query: "", Fragment: "", Port: > 0 }
            ? host
            : throw new FormatException(NotEncoded);
    }

    private static void TakeWords(NpgsqlConnectionStringBuilder read, string text)
    {
        var words = new DbConnectionStringBuilder();
        try
        {
            words.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw new FormatException($"is not understood; expected {Forms} (a value with ; or = in it stands in quotes)");
        }

        foreach (string name in words.Keys)
        {
            // What follows a password may be the rest of one with a semicolon in it, which is not quoted.
            if (read.Password is not null && !read.ContainsKey(name) && !Words.ContainsKey(name) && !PassedOver.Contains(name))
            {
                throw new FormatException("has an unknown word after the password; a password with ; in it stands in quotes");
            }

            Take(read, name, (string)words[name]);
        }
    }

    private static void Take(NpgsqlConnectionStringBuilder read, string name, string value)
    {
        if (value.Length == 0 || PassedOver.Contains(name))
        {
            return;
        }

        var word = Words.GetValueOrDefault(name, name);
        try
        {
            // verify-full is VerifyFull.
            read[word] = word == Words["sslmode"] ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        catch (ArgumentException)
        {
            throw new FormatException(read.ContainsKey(word) ? $"has {name} with a value that is not understood" : $"has '{name}', which is not supported");
        }
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text);

    private static (string Before, string? After) Split(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
}
