using System.Text;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>Checks what the configuration says of tokens.</summary>
internal static class TokenSettings
{
    private const string Key = GatewayOptions.SectionName + ":" + nameof(GatewayOptions.Access) + ":";
    private const int LongestName = 32;

    /// <summary>Adds all faults.</summary>
    public static void Validate(AccessOptions options, List<string> faults)
    {
        if (options.TokenSecret is { } secret && Encoding.UTF8.GetByteCount(secret.Reveal()) is var bytes and < HmacKey.FewestBytes)
        {
            faults.Add($"{EnvironmentNames.Describe(Key + nameof(AccessOptions.TokenSecret))} has {bytes} bytes; expected at least {HmacKey.FewestBytes}, because tokens signed with less can be forged. Make one by: openssl rand -base64 32. Or leave it unset: then one is made and kept.");
        }

        foreach (var (name, issuer) in options.Issuers)
        {
            Validate(name, issuer, faults);
        }

        foreach (var same in options.Issuers.Where(issuer => issuer.Value.Issuer.Length > 0).GroupBy(issuer => issuer.Value.Issuer).Where(same => same.Count() > 1))
        {
            faults.Add($"{Key}{nameof(AccessOptions.Issuers)} has the issuer '{same.Key}' under {string.Join(" and ", same.Select(issuer => issuer.Key).Order(StringComparer.Ordinal))}; expected once.");
        }
    }

    private static void Validate(string name, IssuerOptions issuer, List<string> faults)
    {
        var key = $"{Key}{nameof(AccessOptions.Issuers)}:{name}";
        if (name.Length > LongestName || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
        {
            faults.Add($"{key} is not a name; expected up to {LongestName} letters, digits, - and _.");
        }

        if (!IsAddress(issuer.Issuer))
        {
            faults.Add($"{key}:{nameof(IssuerOptions.Issuer)} {(issuer.Issuer.Length == 0 ? "is missing" : $"is '{issuer.Issuer}'")}; expected its https address as its tokens name it, such as https://login.example.com/realms/main.");
        }

        if (issuer.Audience.Length == 0)
        {
            faults.Add($"{key}:{nameof(IssuerOptions.Audience)} is missing; expected whom its tokens are meant for (aud), for tokens for other services must not be taken.");
        }

        if (issuer.Tenant is null == issuer.TenantClaim is null)
        {
            faults.Add($"{key} {(issuer.Tenant is null ? "has neither" : "has both")} {nameof(IssuerOptions.Tenant)} and {nameof(IssuerOptions.TenantClaim)}; expected one of them.");
        }

        if (issuer.Tenant is not null && !AccessNames.IsName(issuer.Tenant))
        {
            faults.Add($"{key}:{nameof(IssuerOptions.Tenant)} is '{issuer.Tenant}'; expected {AccessNames.NameForm}.");
        }

        if (issuer.AdminRoles.Count + issuer.OperatorRoles.Count + issuer.UserRoles.Count == 0)
        {
            faults.Add($"{key} has none of {nameof(IssuerOptions.AdminRoles)}, {nameof(IssuerOptions.OperatorRoles)} and {nameof(IssuerOptions.UserRoles)}; expected at least one, because nobody could do anything.");
        }
    }

    // Tokens and keys that travel in the clear could be anyone's; on this machine nobody is in between.
    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && text == text.Trim()
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address is { Query: "", Fragment: "", UserInfo: "" };
}
