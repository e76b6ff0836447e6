using System.Text.Json;
using LlmOps.Gateway.Access.Tokens;

namespace LlmOps.Tests.Access.Tokens;

public sealed class JsonWebKeySetTests
{
    private static readonly string Rsa = TestKey.Rsa("rsa").PublicKey;
    private static readonly string EllipticCurve = TestKey.EllipticCurve("ec").PublicKey;

    public static TheoryData<string> KeysForSomethingElse => new()
    {
        TestKey.Rsa("small", 1024).PublicKey,
        """{"kty":"oct","kid":"secret","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}""",
        """{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""",
        """{"kid":"nothing"}""",
        "\"text\"",
        Rsa.Replace("\"use\":\"sig\"", "\"use\":\"enc\"", StringComparison.Ordinal),
        Rsa.Replace("\"use\":\"sig\"", "\"use\":1", StringComparison.Ordinal),
        Rsa.Replace("\"use\":\"sig\"", "\"key_ops\":[\"encrypt\"]", StringComparison.Ordinal),
        Rsa.Replace("\"use\":\"sig\"", "\"key_ops\":\"verify\"", StringComparison.Ordinal),
        Rsa.Replace("RS256", "RS512", StringComparison.Ordinal),
        Rsa.Replace("RS256", "HS256", StringComparison.Ordinal),
        Rsa.Replace("AQAB", "AQ", StringComparison.Ordinal),
        Rsa.Replace("AQAB", "AA", StringComparison.Ordinal),
        Rsa.Replace("AQAB", "AQAA", StringComparison.Ordinal),
        Rsa.Replace("AQAB", "AQAB=", StringComparison.Ordinal),
        Rsa.Replace("AQAB", "AQABAQAB", StringComparison.Ordinal),
        Rsa.Replace("\"n\":", "\"m\":", StringComparison.Ordinal),
        EllipticCurve.Replace("P-256", "P-384", StringComparison.Ordinal),
        EllipticCurve.Replace("\"y\":\"", "\"y\":\"AA", StringComparison.Ordinal),
        """{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"}""",
    };

    [Theory]
    [MemberData(nameof(KeysForSomethingElse))]
    public void KeyForSomethingElse_IsPassedOver(string key) =>
        JsonWebKeySet.Read(JsonElement.Parse($$"""{"keys":[{{key}},{{EllipticCurve}}]}""")).Single().Id.ShouldBe("ec");

    [Fact]
    public void KeysForSignatures_AreRead()
    {
        var keys = JsonWebKeySet.Read(JsonElement.Parse($$"""{"keys":[{{Rsa.Replace("\"use\":\"sig\"", "\"key_ops\":[\"verify\"]", StringComparison.Ordinal)}},{{EllipticCurve}}]}"""));

        keys.Select(key => (key.Id, key.Algorithm)).ShouldBe([("rsa", "RS256"), ("ec", "ES256")]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    public void NoSetOfKeys_IsRefused(string set) => Should.Throw<InvalidDataException>(() => JsonWebKeySet.Read(JsonElement.Parse(set)));

    [Fact]
    public void MoreKeysThanAnyIssuerHas_AreRefused() =>
        Should.Throw<InvalidDataException>(() => JsonWebKeySet.Read(JsonElement.Parse($$"""{"keys":[{{string.Join(',', Enumerable.Repeat(EllipticCurve, 33))}}]}""")));
}
