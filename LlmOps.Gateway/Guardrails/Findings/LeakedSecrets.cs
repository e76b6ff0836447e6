namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds secrets: keys of known providers, private keys, JWTs, passwords in URLs, and random tokens that are called a secret. Placeholders are none.</summary>
internal sealed class LeakedSecrets : ITextDetector
{
    /// <inheritdoc/>
    public int Longest => PrivateKeys.Longest;

    /// <inheritdoc/>
    public int Find(ReadOnlySpan<char> text, int from, List<Finding> findings)
    {
        var scan = new Scan(text, from, findings);
        MarkedSecrets.Find(ref scan);
        UrlPasswords.Find(ref scan);
        NamedSecrets.Find(ref scan);
        return scan.Open;
    }
}
