using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>A key that signatures are verified with, and the one algorithm that it is for (RFC 7518, section 3).</summary>
/// <param name="algorithm">The algorithm's name in a token's header.</param>
/// <param name="id">Its name among its issuer's keys; null for none.</param>
internal abstract class SignatureKey(string algorithm, string? id)
{
    /// <summary>The algorithm's name in a token's header.</summary>
    public string Algorithm { get; } = algorithm;

    /// <summary>Its name among its issuer's keys; null for none.</summary>
    public string? Id { get; } = id;

    /// <summary>Whether the signature over the data is this key's.</summary>
    public abstract bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}

/// <summary>HS256: one secret signs and verifies.</summary>
internal sealed class HmacKey(ReadOnlyMemory<byte> secret) : SignatureKey("HS256", null)
{
    /// <summary>The shortest secret, in bytes: that of the hash (RFC 7518, section 3.2).</summary>
    public const int FewestBytes = 32;

    /// <inheritdoc/>
    public override bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret.Span, data, expected);
        return CryptographicOperations.FixedTimeEquals(signature, expected);
    }

    /// <summary>The signature over the data.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => HMACSHA256.HashData(secret.Span, data);
}

/// <summary>RS256 and ES256: what an issuer publishes of its keys.</summary>
/// <param name="algorithm">The algorithm's name in a token's header.</param>
/// <param name="id">Its name among its issuer's keys; null for none.</param>
/// <param name="create">Makes the platform's key.</param>
/// <param name="verify">Verifies by it.</param>
internal sealed class PublicKey<T>(string algorithm, string? id, Func<T> create, PublicKey<T>.Verification verify) : SignatureKey(algorithm, id)
    where T : AsymmetricAlgorithm
{
    // The platform's keys are not for several threads at once, and making one takes longer than verifying by it.
    private readonly ConcurrentBag<T> _idle = [create()];

    /// <summary>Verifies a signature by the platform's key.</summary>
    public delegate bool Verification(T key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <inheritdoc/>
    public override bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var key = _idle.TryTake(out var idle) ? idle : create();
        try
        {
            return verify(key, data, signature);
        }
        finally
        {
            _idle.Add(key);
        }
    }
}
