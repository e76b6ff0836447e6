namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Kinds of personal data.</summary>
[Flags]
internal enum PersonalDataKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>E-mail addresses.</summary>
    Email = 1,

    /// <summary>Phone numbers: international ones, and national ones in a form that nothing else has, or after a word such as "phone".</summary>
    Phone = 2,

    /// <summary>International bank account numbers.</summary>
    Iban = 4,

    /// <summary>Payment card numbers.</summary>
    Card = 8,

    /// <summary>Numbers that states give to persons.</summary>
    NationalId = 16,

    /// <summary>IPv4 and IPv6 addresses.</summary>
    Ip = 32,

    /// <summary>All of them.</summary>
    All = Email | Phone | Iban | Card | NationalId | Ip,
}
