using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>An issuer's public keys, as it publishes them (RFC 7517).</summary>
internal static class JsonWebKeySet
{
    private const int MostKeys = 32;
    private const int FewestRsaBits = 2048;

    // Verifying takes time by the square of its length, and by that of the exponent.
    private const int MostRsaBytes = 8192 / 8;
    private const int MostExponentBytes = 4;
    private const int P256Bytes = 32;

    /// <summary>The keys that signatures can be verified with here: RSA of 2048 to 8192 bits for RS256, P-256 for ES256. Others are passed over.</summary>
    /// <exception cref="InvalidDataException">It is no set of keys.</exception>
    public static IReadOnlyList<SignatureKey> Read(JsonElement set)
    {
        if (!set.TryGetProperty("keys"u8, out var keys) || keys.ValueKind != JsonValueKind.Array || keys.GetArrayLength() > MostKeys)
        {
            throw new InvalidDataException($"its keys are no list of at most {MostKeys} keys");
        }

        return [.. keys.EnumerateArray().Select(ReadKey).OfType<SignatureKey>()];
    }

    private static SignatureKey? ReadKey(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || !IsForSignatures(key))
        {
            return null;
        }

        var id = JsonWebToken.Text(key, "kid");
        return JsonWebToken.Text(key, "kty") switch
        {
            "RSA" when IsFor(key, "RS256") => Rsa(id, Bytes(key, "n"), Bytes(key, "e")),
            "EC" when IsFor(key, "ES256") && JsonWebToken.Text(key, "crv") == "P-256" => EllipticCurve(id, Bytes(key, "x"), Bytes(key, "y")),
            _ => null,
        };
    }

    private static bool IsFor(JsonElement key, string algorithm) => !key.TryGetProperty("alg"u8, out _) || JsonWebToken.Text(key, "alg") == algorithm;

    private static bool IsForSignatures(JsonElement key) =>
        (!key.TryGetProperty("use"u8, out _) || JsonWebToken.Text(key, "use") == "sig")
        && (!key.TryGetProperty("key_ops"u8, out var operations)
            || (operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(operation => operation.ValueKind == JsonValueKind.String && operation.ValueEquals("verify"u8))));

    private static PublicKey<RSA>? Rsa(string? id, byte[]? modulus, byte[]? exponent)
    {
        if (modulus is not { Length: <= MostRsaBytes } || BitsOf(modulus) < FewestRsaBits || exponent is not ({ Length: <= MostExponentBytes } and [.., var last]) || last % 2 == 0 || BitsOf(exponent) < 2)
        {
            return null;
        }

        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        return Create(() => new PublicKey<RSA>("RS256", id, () => RSA.Create(parameters), static (key, data, signature) => key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    private static PublicKey<ECDsa>? EllipticCurve(string? id, byte[]? x, byte[]? y)
    {
        if (x is not { Length: P256Bytes } || y is not { Length: P256Bytes })
        {
            return null;
        }

        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };
        return Create(() => new PublicKey<ECDsa>("ES256", id, () => ECDsa.Create(parameters), static (key, data, signature) => key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)));
    }

    // The platform refuses what is no key: a point that is not on the curve.
    private static T? Create<T>(Func<T> create)
        where T : class
    {
        try
        {
            return create();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static int BitsOf(byte[] number) => number.AsSpan().TrimStart((byte)0) is [var first, ..] digits ? ((digits.Length - 1) * 8) + BitOperations.Log2(first) + 1 : 0;

    private static byte[]? Bytes(JsonElement key, string name) => JsonWebToken.Text(key, name) is { } text ? Base64UrlText.Decode(text) : null;
}
