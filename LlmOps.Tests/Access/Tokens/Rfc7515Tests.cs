using System.Buffers.Text;
using System.Text.Json;
using LlmOps.Gateway.Access.Tokens;

namespace LlmOps.Tests.Access.Tokens;

/// <summary>The examples of RFC 7515, appendix A.</summary>
public sealed class Rfc7515Tests
{
    private const string Claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    private const string Hmac =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Claims + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private const string Rsa =
        "eyJhbGciOiJSUzI1NiJ9." + Claims + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    private const string EllipticCurve =
        "eyJhbGciOiJFUzI1NiJ9." + Claims + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    private const string RsaKey =
        """{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}""";

    private const string EllipticCurveKey =
        """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";

    private static readonly SignatureKey[] Keys =
    [
        new HmacKey(Base64Url.DecodeFromChars("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")),
        .. JsonWebKeySet.Read(JsonElement.Parse($$"""{"keys":[{{RsaKey}},{{EllipticCurveKey}}]}""")),
    ];

    [Theory]
    [InlineData("A.1", Hmac, 0)]
    [InlineData("A.2", Rsa, 1)]
    [InlineData("A.3", EllipticCurve, 2)]
    public void Example_IsVerifiedByItsKeyAlone(string example, string text, int itsKey)
    {
        var token = JsonWebToken.Read(text, out _);

        token.ShouldNotBeNull(example);
        token.Text("iss").ShouldBe("joe");
        token.TryGetDate("exp", out var expires).ShouldBeTrue();
        expires.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1_300_819_380));
        Keys.Select(token.IsSignedBy).ShouldBe([.. Keys.Select((_, index) => index == itsKey)], example);
    }

    [Theory]
    [InlineData(Hmac)]
    [InlineData(Rsa)]
    [InlineData(EllipticCurve)]
    public void ExampleWithOneOtherByte_IsNotVerified(string text)
    {
        foreach (var position in Enumerable.Range(0, text.Length))
        {
            var changed = text.ToCharArray();
            changed[position] = changed[position] == 'A' ? 'B' : 'A';

            var token = JsonWebToken.Read(changed, out _);

            (token is not null && Keys.Any(token.IsSignedBy)).ShouldBeFalse($"with another character at {position}");
        }
    }

    [Fact]
    public void UnsecuredExample_IsNotVerified()
    {
        // A.5
        var token = JsonWebToken.Read("eyJhbGciOiJub25lIn0." + Claims + ".", out _)!;

        token.Algorithm.ShouldBe("none");
        Keys.Any(token.IsSignedBy).ShouldBeFalse();
    }
}
