using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LlmOps.Gateway.Access.Tokens;

namespace LlmOps.Benchmarks.Micro;

/// <summary>What it costs a request to have its token read, verified and checked.</summary>
[MemoryDiagnoser]
public class TokenBenchmarks
{
    private static readonly TokenRules Rules = new("llmops", "llmops", TimeSpan.Zero);

    private string _token = "";
    private SignatureKey? _key;

    [Params("HS256", "RS256", "ES256")]
    public string Algorithm { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        const string claims = """{"iss":"llmops","aud":"llmops","sub":"ada","tenant":"acme","roles":["user"],"sid":"0198f3a27c5d7e1b9a4c2f6d8e0b1a35","jti":"0198f3a27c5d7e1b9a4c2f6d8e0b1a36","iat":1800000000,"exp":4000000000}""";
        var signed = $"{Encode($$"""{"alg":"{{Algorithm}}","typ":"JWT"}""")}.{Encode(claims)}";
        var data = Encoding.ASCII.GetBytes(signed);
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = RandomNumberGenerator.GetBytes(HmacKey.FewestBytes);
        var (publicRsa, point) = (rsa.ExportParameters(includePrivateParameters: false), curve.ExportParameters(includePrivateParameters: false).Q);
        (_key, var signature) = Algorithm switch
        {
            "RS256" => (PublicKey($$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(publicRsa.Modulus)}}","e":"{{Base64Url.EncodeToString(publicRsa.Exponent)}}"}"""), rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            "ES256" => (PublicKey($$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}"""), curve.SignData(data, HashAlgorithmName.SHA256)),
            _ => (new HmacKey(secret), new HmacKey(secret).Sign(data)),
        };
        _token = $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    [Benchmark]
    public DateTimeOffset Verify()
    {
        var token = JsonWebToken.Read(_token, out _)!;
        return token.IsSignedBy(_key!) ? Rules.Check(token, TimeProvider.System.GetUtcNow()) : throw new CryptographicException("The token is not verified.");
    }

    private static SignatureKey PublicKey(string key) => JsonWebKeySet.Read(JsonElement.Parse($$"""{"keys":[{{key}}]}"""))[0];

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
