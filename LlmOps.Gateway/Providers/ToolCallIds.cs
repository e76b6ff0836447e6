using System.Security.Cryptography;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Ids of tool calls that the gateway makes. Gemini wants a call's thoughtSignature back with the next turn, and the id
/// is the one part of a call that every client returns unchanged: so the signature travels behind it.
/// </summary>
internal static class ToolCallIds
{
    /// <summary>Stands between an id and the signature behind it.</summary>
    public const string Mark = "~sig~";

    /// <summary>A new id, as OpenAI's look.</summary>
    public static string New() => "call_" + RandomNumberGenerator.GetHexString(24, lowercase: true);

    /// <summary>The id with a signature behind it.</summary>
    public static string With(string id, string? signature) => signature is null ? id : id + Mark + signature;

    /// <summary>The id alone, which any provider understands: OpenAI takes no longer ones than 40 characters.</summary>
    public static string Plain(string id) => id.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at ? id[..at] : id;

    /// <summary>The signature behind an id; null if there is none.</summary>
    public static string? Signature(string id) => id.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at ? id[(at + Mark.Length)..] : null;
}
