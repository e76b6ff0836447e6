using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Functions;

/// <summary>The names of the gateway's tools, as models see them and as lists name them.</summary>
internal static class ToolName
{
    /// <summary>The most characters that providers take.</summary>
    public const int Longest = 64;

    /// <summary>What stands between the name of a server and that of its tool.</summary>
    public const string Separator = "__";

    /// <summary>What lists have.</summary>
    public const string PatternForm = "the name of a tool (1 to 64 letters, digits, _ and -), with * at the end for all that begin so";

    /// <summary>What servers are called.</summary>
    public const string ServerForm = "1 to 32 letters, digits, - and _, with no _ at either end or beside another";

    private const int LongestServer = 32;
    private const int HashDigits = 8;

    /// <summary>Whether a list may have it.</summary>
    public static bool IsPattern(string text) =>
        text.Length is >= 1 and <= Longest && text.AsSpan(0, text.Length - 1).IndexOfAnyExcept(Allowed) < 0 && (text[^1] == '*' || Allowed.Contains(text[^1]));

    /// <summary>Whether a server may be called so: then the first two underscores of a tool's name end that of its server.</summary>
    public static bool IsServer(string text) =>
        text.Length is >= 1 and <= LongestServer && !text.AsSpan().ContainsAnyExcept(Allowed) && !text.Contains(Separator, StringComparison.Ordinal) && text[0] != '_' && text[^1] != '_';

    /// <summary>Whether a list may have tools whose names begin so: a look at the list alone, before anybody is asked for tools.</summary>
    public static bool MayBeIn(IReadOnlyList<string> patterns, string prefix)
    {
        foreach (var pattern in patterns)
        {
            var isOpen = pattern.EndsWith('*');
            var stem = pattern.AsSpan(0, isOpen ? pattern.Length - 1 : pattern.Length);
            if (stem.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) || (isOpen && prefix.AsSpan().StartsWith(stem, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// What models call a server's tool: the same whatever else the server has, and in whatever order. A name that had to be
    /// changed, or that models would not see to its end, has a hash of what it was.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="tool">The server's own name for it.</param>
    public static string Of(string server, string tool)
    {
        var name = server + Separator + tool;
        if (name.Length <= Longest && !tool.AsSpan().ContainsAnyExcept(Allowed))
        {
            return name;
        }

        var shown = name[..Math.Min(name.Length, Longest - HashDigits - 1)].ToCharArray();
        shown.AsSpan().ReplaceAnyExcept(Allowed, '_');
        return $"{new string(shown)}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool)).AsSpan(0, HashDigits / 2))}";
    }

    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
}
