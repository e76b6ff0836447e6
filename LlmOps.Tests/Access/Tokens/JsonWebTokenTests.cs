using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Errors;

namespace LlmOps.Tests.Access.Tokens;

public sealed class JsonWebTokenTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly TokenRules Rules = new("https://issuer.example", "gateway", TimeSpan.FromSeconds(60));

    private readonly TestKey _hmac = TestKey.Hmac(Secret);
    private readonly HmacKey _key = new(Secret);

    private static JsonObject Claims => new()
    {
        ["iss"] = Rules.Issuer,
        ["aud"] = Rules.Audience,
        ["sub"] = "ada",
        ["exp"] = Now.ToUnixTimeSeconds() + 3600,
    };

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("noNe")]
    [InlineData("hs256")]
    [InlineData("HS384")]
    [InlineData("RS256")]
    [InlineData("")]
    public void AnotherAlgorithmThanTheKeys_IsNotVerified(string algorithm)
    {
        var signed = _hmac.Token(Claims, $$"""{"alg":"{{algorithm}}"}""");
        var unsigned = signed[..(signed.LastIndexOf('.') + 1)];

        foreach (var text in new[] { signed, unsigned })
        {
            JsonWebToken.Read(text, out _)!.IsSignedBy(_key).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public void PublicKeyTakenAsASecret_IsNotVerified(string algorithm)
    {
        // Algorithm confusion: what is public of a key signs by HS256.
        var key = TestKey.Of(algorithm, "key");
        var forged = TestKey.Hmac(Encoding.UTF8.GetBytes(key.PublicKey)).Token(Claims, $$"""{"alg":"HS256","kid":"key"}""");

        JsonWebToken.Read(forged, out _)!.IsSignedBy(key.Verifier()).ShouldBeFalse();
        JsonWebToken.Read(key.Token(Claims), out _)!.IsSignedBy(key.Verifier()).ShouldBeTrue();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public void AnotherKey_IsNotVerified(string algorithm)
    {
        var token = JsonWebToken.Read(TestKey.Of(algorithm, "key").Token(Claims), out _)!;

        token.IsSignedBy(TestKey.Of(algorithm, "key").Verifier()).ShouldBeFalse();
    }

    [Fact]
    public void KeyThatTheTokenBringsAlong_IsNotLookedAt()
    {
        var attacker = TestKey.Rsa("key");
        var text = attacker.Token(Claims.ToJsonString(), $$"""{"alg":"RS256","kid":"key","jwk":{{attacker.PublicKey}},"jku":"https://attacker.example/keys","x5c":["MIIB"],"x5u":"https://attacker.example/x5u"}""");

        JsonWebToken.Read(text, out _)!.IsSignedBy(TestKey.Rsa("key").Verifier()).ShouldBeFalse();
    }

    [Fact]
    public void EllipticCurveSignatureInAsn1_IsNotVerified()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: false).Q;
        var signed = $"{Encode("""{"alg":"ES256"}""")}.{Encode(Claims.ToJsonString())}";
        var verifier = JsonWebKeySet.Read(System.Text.Json.JsonElement.Parse($$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(parameters.X)}}","y":"{{Base64Url.EncodeToString(parameters.Y)}}"}]}""")).Single();

        foreach (var (format, isTaken) in new[] { (DSASignatureFormat.Rfc3279DerSequence, false), (DSASignatureFormat.IeeeP1363FixedFieldConcatenation, true) })
        {
            var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, format);
            JsonWebToken.Read($"{signed}.{Base64Url.EncodeToString(signature)}", out _)!.IsSignedBy(verifier).ShouldBe(isTaken);
        }
    }

    [Theory]
    [InlineData("""{"alg":"HS256","alg":"HS256"}""", null)]
    [InlineData(null, """{"iss":"a","iss":"b"}""")]
    [InlineData(null, """{"iss":"a","realm":{"roles":["user"],"roles":["admin"]}}""")]
    [InlineData(null, """{"iss":"a","i\u0073s":"b"}""")]
    [InlineData(null, """{"list":[{"a":1,"a":2}]}""")]
    public void SameNameTwice_IsRefused(string? header, string? claims)
    {
        var text = _hmac.Token(claims ?? Claims.ToJsonString(), header ?? """{"alg":"HS256"}""");

        JsonWebToken.Read(text, out var fault).ShouldBeNull();
        fault!.ShouldContain("twice");
    }

    [Theory]
    [InlineData("""{"alg":"HS256","crit":["exp"],"exp":1}""", "crit")]
    [InlineData("""{"alg":"HS256","crit":[]}""", "crit")]
    [InlineData("""{"typ":"JWT"}""", "alg")]
    [InlineData("""{"alg":256}""", "alg")]
    [InlineData("""{"alg":"HS256","kid":7}""", "kid")]
    [InlineData("""{"alg":"HS256","kid":null}""", "kid")]
    [InlineData("""["HS256"]""", "JSON object")]
    [InlineData("""{"alg":"HS256"} """ + "x", "JSON object")]
    [InlineData("""{"alg":"\ud800"}""", "alg")]
    [InlineData("""{"\ud800":"HS256"}""", "JSON object")]
    public void FaultyHeader_IsRefused(string header, string told)
    {
        JsonWebToken.Read(_hmac.Token(Claims.ToJsonString(), header), out var fault).ShouldBeNull();

        fault!.ShouldContain(told);
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("at+jwt")]
    [InlineData("anything")]
    public void Type_IsNotLookedAt(string type) =>
        JsonWebToken.Read(_hmac.Token(Claims, $$"""{"alg":"HS256","typ":"{{type}}"}"""), out _)!.IsSignedBy(_key).ShouldBeTrue();

    [Fact]
    public void LongKeyId_IsRefused()
    {
        JsonWebToken.Read(_hmac.Token(Claims, $$"""{"alg":"HS256","kid":"{{new string('k', 256)}}"}"""), out _).ShouldNotBeNull();
        JsonWebToken.Read(_hmac.Token(Claims, $$"""{"alg":"HS256","kid":"{{new string('k', 257)}}"}"""), out _).ShouldBeNull();
    }

    [Fact]
    public void LongToken_IsRefused()
    {
        var claims = Claims;
        claims["padding"] = new string('x', 6200);
        JsonWebToken.Read(_hmac.Token(claims), out var fault).ShouldBeNull();
        fault!.ShouldContain("8192");
    }

    [Fact]
    public void ClaimsNestedDeeply_AreRefused() =>
        JsonWebToken.Read(_hmac.Token($$"""{"a":{{new string('[', 16)}}{{new string(']', 16)}}}""", """{"alg":"HS256"}"""), out _).ShouldBeNull();

    [Fact]
    public void ClaimsThatAreNoUtf8_AreRefused()
    {
        var signed = $"{Encode("""{"alg":"HS256"}""")}.{Base64Url.EncodeToString([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}'])}";
        var text = $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Secret, Encoding.ASCII.GetBytes(signed)))}";

        JsonWebToken.Read(text, out _).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("a.b.c.d.e")]
    public void OtherThanThreeParts_IsRefused(string text) => JsonWebToken.Read(text, out _).ShouldBeNull();

    [Fact]
    public void OtherTextOfTheSameBytes_IsRefused()
    {
        var text = _hmac.Token(Claims);
        JsonWebToken.Read(text, out _)!.IsSignedBy(_key).ShouldBeTrue();

        // The last character of 32 bytes has two bits that mean nothing.
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var other = text[..^1] + alphabet[alphabet.IndexOf(text[^1], StringComparison.Ordinal) | 1];
        foreach (var changed in new[] { other, text + "=", text + " ", " " + text, text.Replace(".", ".\n", StringComparison.Ordinal), text.Replace('-', '+').Replace('_', '/') + "+" })
        {
            JsonWebToken.Read(changed, out _).ShouldBeNull(changed);
        }
    }

    [Fact]
    public void ValidToken_EndsAfterItsTimeAndTheSkew()
    {
        var token = JsonWebToken.Read(_hmac.Token(Claims), out _)!;

        Rules.Check(token, Now).ShouldBe(Now.AddSeconds(3660));
        Rules.Check(token, Now.AddSeconds(3659)).ShouldBe(Now.AddSeconds(3660));
        Refusal(token, Now.AddSeconds(3660)).Error.ShouldBe(ErrorCode.TokenExpired);
    }

    [Theory]
    [InlineData("iss", "\"https://issuer.example/\"", "another issuer")]
    [InlineData("iss", "\"HTTPS://issuer.example\"", "another issuer")]
    [InlineData("iss", "[\"https://issuer.example\"]", "another issuer")]
    [InlineData("iss", null, "another issuer")]
    [InlineData("aud", "\"gateway2\"", "aud")]
    [InlineData("aud", "[\"other\",\"Gateway\"]", "aud")]
    [InlineData("aud", "{\"gateway\":true}", "aud")]
    [InlineData("aud", "\"\\ud800\"", "aud")]
    [InlineData("aud", null, "aud")]
    [InlineData("exp", null, "exp")]
    [InlineData("exp", "\"1900000000\"", "exp")]
    [InlineData("exp", "-1", "exp")]
    [InlineData("exp", "1e300", "exp")]
    [InlineData("exp", "null", "exp")]
    [InlineData("exp", "1799999939", "expired")]
    [InlineData("nbf", "1800000061", "nbf")]
    [InlineData("nbf", "\"now\"", "nbf")]
    [InlineData("iat", "true", "iat")]
    public void ClaimThatIsNotAsExpected_IsRefused(string claim, string? value, string told)
    {
        var claims = Claims;
        claims.Remove(claim);
        var text = claims.ToJsonString();
        var token = JsonWebToken.Read(_hmac.Token(value is null ? text : $$"""{{text[..^1]}},"{{claim}}":{{value}}}""", """{"alg":"HS256"}"""), out _)!;
        token.IsSignedBy(_key).ShouldBeTrue();

        Refusal(token, Now).Message.ShouldContain(told);
    }

    [Theory]
    [InlineData("aud", "[\"other\",\"gateway\"]")]
    [InlineData("exp", "1800000000.75")]
    [InlineData("nbf", "1800000060")]
    [InlineData("iat", "1799999999")]
    public void ClaimInAnotherForm_IsTaken(string claim, string value)
    {
        var claims = Claims;
        claims[claim] = JsonNode.Parse(value);

        Rules.Check(JsonWebToken.Read(_hmac.Token(claims), out _)!, Now).ShouldBeGreaterThan(Now);
    }

    /// <summary>Whatever is done to a token: it is refused in the documented way, or as it was.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void MutatedTokens_AreNeverTaken(int seed)
    {
        var random = new Random(seed);
        var claims = Claims;
        claims["realm_access"] = new JsonObject { ["roles"] = new JsonArray("user", "admin") };
        TestKey[] signers = [_hmac, TestKey.Rsa("rsa"), TestKey.EllipticCurve("ec")];
        SignatureKey[] keys = [_key, signers[1].Verifier(), signers[2].Verifier()];
        string[] texts = [.. signers.Select(signer => signer.Token(claims))];
        const string characters = "ABCabc019-_.=+/ {}\"\\\u00e9\ud83d\0";

        for (var round = 0; round < 5000; round++)
        {
            var original = texts[random.Next(texts.Length)];
            var text = original;
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(text.Length);
                var end = random.Next(at, Math.Min(text.Length, at + 20) + 1);
                var other = texts[random.Next(texts.Length)];
                text = random.Next(5) switch
                {
                    0 => $"{text[..at]}{characters[random.Next(characters.Length)]}{text[Math.Min(at + 1, text.Length)..]}",
                    1 => $"{text[..at]}{characters[random.Next(characters.Length)]}{text[at..]}",
                    2 => text[..at] + text[end..],
                    3 => text[..end] + text[at..],
                    _ => text[..at] + other[Math.Min(at, other.Length)..],
                };
                text = text.Length == 0 ? "." : text;
            }

            if (texts.Contains(text))
            {
                continue;
            }

            var token = JsonWebToken.Read(text, out var fault);
            (token is null).ShouldBe(fault is not null, text);
            if (token is not null)
            {
                keys.Any(token.IsSignedBy).ShouldBeFalse(text);
                try
                {
                    Rules.Check(token, Now);
                }
                catch (GatewayException refused)
                {
                    refused.Error.Status.ShouldBe(401);
                }
            }
        }
    }

    private static GatewayException Refusal(JsonWebToken token, DateTimeOffset now) => Should.Throw<GatewayException>(() => { Rules.Check(token, now); });

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
