namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>A pattern, with the bits of a signature (<see cref="RuleSet.Signatures"/>) that say whether a sentence may match it.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="First">The bit of the word that a match begins with.</param>
/// <param name="One">The bit of a word that it needs besides the rarest.</param>
/// <param name="Two">The bit of another.</param>
/// <param name="Three">The bit of another.</param>
internal readonly record struct Candidate(Pattern Pattern, ushort First, ushort One, ushort Two, ushort Three)
{
    /// <summary>Whether a sentence that has its rarest word may match it.</summary>
    public bool MayBeIn(ReadOnlySpan<ulong> signature) => Has(signature, One) && Has(signature, Two) && Has(signature, Three);

    /// <summary>Whether a match may begin with a word.</summary>
    public bool MayBeginWith(ReadOnlySpan<ulong> signature) => Has(signature, First);

    /// <summary>Whether a signature has a bit.</summary>
    public static bool Has(ReadOnlySpan<ulong> signature, int bit) => (signature[bit >> 6] & (1UL << bit)) != 0;
}
