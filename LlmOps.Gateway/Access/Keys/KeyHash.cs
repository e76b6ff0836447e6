using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Access.Keys;

/// <summary>What is kept of a key: HMAC-SHA-256 of it, by a secret of this installation. Whoever reads the table can neither use nor make keys.</summary>
internal readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    // UTF-8 of a character takes at most three bytes.
    private const int LongestText = 3 * KeyText.Longest;

    /// <summary>The hash of a key of at most <see cref="KeyText.Longest"/> characters.</summary>
    public static KeyHash Of(ReadOnlySpan<char> key, ReadOnlySpan<byte> secret)
    {
        Span<byte> text = stackalloc byte[LongestText];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, text[..Encoding.UTF8.GetBytes(key, text)], hash);
        return Read(hash);
    }

    /// <summary>A hash as <see cref="ToString"/> writes it.</summary>
    public static KeyHash Parse(string digits) => Read(Convert.FromHexString(digits));

    /// <inheritdoc/>
    public override int GetHashCode() => (int)A;

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";

    private static KeyHash Read(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]), BinaryPrimitives.ReadUInt64BigEndian(hash[16..]), BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));
}
