using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>The id of a call in an answer of which the gateway keeps a part: <c>call_llmops_{answer}_{number}</c>.</summary>
/// <param name="Answer">The answer's: 24 hexadecimal digits that nobody can guess.</param>
/// <param name="Number">The call's place among those that were sent, from 0.</param>
internal readonly record struct KeptCallId(string Answer, int Number)
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "call_llmops_";

    private const int Digits = 24;

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>An answer's id that no other has.</summary>
    public static string NewAnswer() => RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    /// <summary>Reads an id; false for one that is not of this form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KeptCallId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = text.AsSpan(Prefix.Length);
        var end = rest.IndexOf('_');
        if (end < Digits || rest[..end].ContainsAnyExcept(Hexadecimal) || !int.TryParse(rest[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        id = new KeptCallId(rest[..end].ToString(), number);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Answer}_{Number}");
}
