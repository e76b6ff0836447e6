using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Access.Tokens;

namespace LlmOps.Tests.Access.Tokens;

/// <summary>A key that a test's issuer signs with, whatever a token is to say.</summary>
internal sealed class TestKey
{
    private readonly Func<byte[], byte[]> _sign;

    private TestKey(string algorithm, string id, string publicKey, Func<byte[], byte[]> sign)
    {
        Algorithm = algorithm;
        Id = id;
        PublicKey = publicKey;
        _sign = sign;
    }

    public string Algorithm { get; }

    public string Id { get; }

    /// <summary>Its JSON Web Key.</summary>
    public string PublicKey { get; }

    public static TestKey Of(string algorithm, string id) => algorithm == "RS256" ? Rsa(id) : EllipticCurve(id);

    public static TestKey Rsa(string id, int bits = 2048)
    {
        var key = RSA.Create(bits);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new TestKey("RS256", id,
            $$"""{"kty":"RSA","kid":"{{id}}","use":"sig","alg":"RS256","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}","e":"{{Base64Url.EncodeToString(parameters.Exponent)}}"}""",
            data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static TestKey EllipticCurve(string id)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new TestKey("ES256", id,
            $$"""{"kty":"EC","kid":"{{id}}","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""",
            data => key.SignData(data, HashAlgorithmName.SHA256));
    }

    /// <summary>HS256 by a secret.</summary>
    public static TestKey Hmac(byte[] secret) => new("HS256", "", "", data => HMACSHA256.HashData(secret, data));

    /// <summary>The key as the gateway has it.</summary>
    public SignatureKey Verifier() => JsonWebKeySet.Read(System.Text.Json.JsonElement.Parse($$"""{"keys":[{{PublicKey}}]}""")).Single();

    /// <summary>A signed token.</summary>
    public string Token(JsonObject claims, string? header = null) =>
        Token(claims.ToJsonString(), header ?? (Id.Length == 0 ? $$"""{"alg":"{{Algorithm}}","typ":"JWT"}""" : $$"""{"alg":"{{Algorithm}}","kid":"{{Id}}"}"""));

    /// <summary>A signed token of exactly these texts.</summary>
    public string Token(string claims, string header)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(_sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
