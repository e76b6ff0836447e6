using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Redis;

/// <summary>The options, read: how to reach Redis and how long to wait for it.</summary>
/// <param name="Options">The options.</param>
/// <param name="Server">What the connection string says.</param>
/// <param name="Authorities">Who may have issued the server's certificate; null for those the system trusts.</param>
internal sealed record RedisSettings(RedisOptions Options, RedisConnectionString Server, X509Certificate2Collection? Authorities)
{
    private const string Key = GatewayOptions.SectionName + ":" + nameof(GatewayOptions.Redis) + ":";

    /// <summary>Reads the options; null where there is no Redis, or they have faults, which are added.</summary>
    public static RedisSettings? Read(RedisOptions options, List<string> faults)
    {
        if (options.Backoff > options.MaxBackoff)
        {
            faults.Add($"{Key}{nameof(RedisOptions.Backoff)} is {options.Backoff}; expected at most {Key}{nameof(RedisOptions.MaxBackoff)} ({options.MaxBackoff}).");
        }

        var connectionString = EnvironmentNames.Describe(Key + nameof(RedisOptions.ConnectionString));
        if (options is { Enabled: true, ConnectionString: null })
        {
            faults.Add($"{connectionString} is missing; expected where Redis is, such as redis://localhost:6379, because {EnvironmentNames.Describe(Key + nameof(RedisOptions.Enabled))} is true.");
        }

        if (options.Enabled == false || options.ConnectionString is null)
        {
            return null;
        }

        try
        {
            return new RedisSettings(options, RedisConnectionString.Parse(options.ConnectionString.Reveal()), AuthoritiesOf(options, faults));
        }
        catch (FormatException fault)
        {
            faults.Add($"{connectionString} {fault.Message}.");
            return null;
        }
    }

    private static X509Certificate2Collection? AuthoritiesOf(RedisOptions options, List<string> faults)
    {
        if (options.CertificateAuthorityFile is not { } path)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            faults.Add($"{Key}{nameof(RedisOptions.CertificateAuthorityFile)} is '{path}', which cannot be read: {exception.Message}");
            return null;
        }

        if (authorities.Count == 0)
        {
            faults.Add($"{Key}{nameof(RedisOptions.CertificateAuthorityFile)} is '{path}', which has no certificate; expected a PEM file with at least one.");
        }

        return authorities;
    }
}
