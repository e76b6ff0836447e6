using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Tests.Access.Tokens;

public sealed class TokenSettingsTests
{
    [Fact]
    public void AllFaults_AreTold()
    {
        var options = new AccessOptions { TokenSecret = new Secret("your-secret-key") };
        options.Issuers["a b"] = new IssuerOptions { Issuer = "https://one.example", Audience = "x", Tenant = "acme", UserRoles = { "user" } };
        options.Issuers["empty"] = new IssuerOptions();
        options.Issuers["plain"] = new IssuerOptions { Issuer = "http://one.example", Audience = "x", Tenant = "acme", TenantClaim = "org", UserRoles = { "user" } };
        options.Issuers["same"] = new IssuerOptions { Issuer = "https://one.example", Audience = "x", Tenant = "acme", UserRoles = { "user" } };
        options.Issuers["long"] = new IssuerOptions { Issuer = "https://one.example/?a=b", Audience = "x", Tenant = "no name", UserRoles = { "user" } };
        List<string> faults = [];

        TokenSettings.Validate(options, faults);

        string[] expected =
        [
            "Gateway:Access:TokenSecret (API_SECRET_KEY) has 15 bytes; expected at least 32, because tokens signed with less can be forged. Make one by: openssl rand -base64 32.",
            "Gateway:Access:Issuers:a b is not a name",
            "Gateway:Access:Issuers:empty:Issuer is missing; expected its https address",
            "Gateway:Access:Issuers:empty:Audience is missing",
            "Gateway:Access:Issuers:empty has neither Tenant and TenantClaim",
            "Gateway:Access:Issuers:empty has none of AdminRoles, OperatorRoles and UserRoles",
            "Gateway:Access:Issuers:plain:Issuer is 'http://one.example'; expected its https address",
            "Gateway:Access:Issuers:plain has both Tenant and TenantClaim",
            "Gateway:Access:Issuers:long:Issuer is 'https://one.example/?a=b'",
            "Gateway:Access:Issuers:long:Tenant is 'no name'; expected 1 to 64",
            "Gateway:Access:Issuers has the issuer 'https://one.example' under a b and same",
        ];
        faults.Count.ShouldBe(expected.Length, string.Join('\n', faults));
        foreach (var fault in expected)
        {
            faults.ShouldContain(told => told.StartsWith(fault, StringComparison.Ordinal), fault);
        }

        string.Concat(faults).ShouldNotContain("your-secret-key");
    }

    [Theory]
    [InlineData("https://login.example.com")]
    [InlineData("https://login.example.com/realms/main/")]
    [InlineData("http://localhost:8081/realms/main")]
    [InlineData("http://127.0.0.1:8081")]
    public void ValidSettings_HaveNoFaults(string issuer)
    {
        var options = new AccessOptions { TokenSecret = new Secret(new string('k', 32)) };
        options.Issuers["corporate"] = new IssuerOptions { Issuer = issuer, Audience = "gateway", Tenant = "acme", UserRoles = { "user" } };
        List<string> faults = [];

        TokenSettings.Validate(options, faults);

        faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task ShortSecret_StopsTheStart()
    {
        var folder = Directory.CreateTempSubdirectory("llmops-test-");
        try
        {
            await using var gateway = GatewayProcess.Start(folder.FullName, ("API_SECRET_KEY", "your-secret-key"));

            (await gateway.ExitAsync()).ShouldBe(1);
            gateway.Output.ShouldContain("openssl rand -base64 32");
            gateway.Output.ShouldNotContain("your-secret-key");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
