namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds personal data: what has a form of its own or a check digit, not names or addresses.</summary>
internal sealed class PersonalData(PersonalDataKinds kinds) : ITextDetector
{
    /// <inheritdoc/>
    public int Longest => EmailAddresses.Longest;

    /// <inheritdoc/>
    public int Find(ReadOnlySpan<char> text, int from, List<Finding> findings)
    {
        var scan = new Scan(text, from, findings);
        if (kinds.HasFlag(PersonalDataKinds.Email))
        {
            EmailAddresses.Find(ref scan);
        }

        if (kinds.HasFlag(PersonalDataKinds.Ip))
        {
            IpAddresses.FindV6(ref scan);
        }

        if ((kinds & ~PersonalDataKinds.Email) != 0)
        {
            Numbers.Find(ref scan, kinds);
        }

        return scan.Open;
    }
}
