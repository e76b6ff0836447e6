using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Access.Keys;

/// <summary>What is kept of a key: HMAC-SHA-256 of it, by a secret of this installation. Whoever reads the table can neither use nor make keys.</summary>
internal readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    // UTF-8 of a character takes at most three bytes.
    private const int LongestText = 3 * KeyText.Longest;

    // Made anew for each key, it would cost as much again.
    [ThreadStatic]
    private static IncrementalHash? _hmac;

    [ThreadStatic]
    private static byte[]? _hmacSecret;

    /// <summary>The hash of a key of at most <see cref="KeyText.Longest"/> characters.</summary>
    public static KeyHash Of(ReadOnlySpan<char> key, ReadOnlySpan<byte> secret)
    {
        Span<byte> text = stackalloc byte[LongestText];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var hmac = HmacOf(secret);
        hmac.AppendData(text[..Encoding.UTF8.GetBytes(key, text)]);
        hmac.GetHashAndReset(hash);
        return Read(hash);
    }

    /// <summary>A hash as <see cref="ToString"/> writes it.</summary>
    public static KeyHash Parse(string digits) => Read(Convert.FromHexString(digits));

    /// <inheritdoc/>
    public override int GetHashCode() => (int)A;

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";

    private static IncrementalHash HmacOf(ReadOnlySpan<byte> secret)
    {
        if (_hmac is null || !secret.SequenceEqual(_hmacSecret))
        {
            _hmac?.Dispose();
            (_hmac, _hmacSecret) = (IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret), secret.ToArray());
        }

        return _hmac;
    }

    private static KeyHash Read(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]), BinaryPrimitives.ReadUInt64BigEndian(hash[16..]), BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));
}
