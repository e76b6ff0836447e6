using System.Security.Cryptography;
using System.Text;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Access;

/// <summary>The administrator's configured key, which needs no database: it also opens a gateway whose other keys are lost.</summary>
internal sealed class AdministratorKey(GatewayConfiguration configuration)
{
    private const int LongestCompared = 256;

    private readonly byte[]? _key = configuration.Current.Options.Access.AdministratorKey is { } key ? Encoding.UTF8.GetBytes(key.Reveal()) : null;

    /// <summary>Whether a credential is the key. Takes the same time wherever they differ; only a different length shows.</summary>
    public bool Matches(ReadOnlySpan<char> credential)
    {
        if (_key is null)
        {
            return false;
        }

        // Compared as it is: a digest of what every client sends, whether it must or not, would cost more than all else of this stage.
        Span<byte> given = stackalloc byte[LongestCompared];
        if (!Encoding.UTF8.TryGetBytes(credential, given, out var length))
        {
            given = new byte[Encoding.UTF8.GetByteCount(credential)];
            length = Encoding.UTF8.GetBytes(credential, given);
        }

        return CryptographicOperations.FixedTimeEquals(given[..length], _key);
    }
}
