namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>The names of the rules of personal data, secrets and blocked words, as errors, metrics and settings have them.</summary>
internal static class FindingRules
{
    public const string Email = "pii_email";
    public const string Phone = "pii_phone";
    public const string Iban = "pii_iban";
    public const string Card = "pii_card";
    public const string NationalId = "pii_national_id";
    public const string Ip = "pii_ip";
    public const string ProviderKey = "secret_provider_key";
    public const string PrivateKey = "secret_private_key";
    public const string Jwt = "secret_jwt";
    public const string PasswordInUrl = "secret_password_in_url";
    public const string HighEntropy = "secret_high_entropy";
    public const string BlockedWord = "blocked_word";

    // The surest first: of two rules that find the same characters, the first names them.
    private static readonly string[] Ranked =
        [BlockedWord, PrivateKey, ProviderKey, Jwt, PasswordInUrl, HighEntropy, Email, Iban, Card, NationalId, Ip, Phone];

    /// <summary>Which of two rules names what both find: the one with the lower number.</summary>
    public static int Rank(string rule) => Array.IndexOf(Ranked, rule);
}
