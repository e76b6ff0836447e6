using System.Buffers;

namespace LlmOps.Gateway.Access;

/// <summary>How tenants, teams and users may be called: what is safe in addresses, headers, logs and keys of counters.</summary>
internal static class AccessNames
{
    /// <summary>What a name is, for messages.</summary>
    public const string NameForm = "1 to 64 letters, digits or _ . -";

    /// <summary>What a username is, for messages.</summary>
    public const string UsernameForm = "1 to 64 letters, digits or _ . - @";

    private const int Longest = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");
    private static readonly SearchValues<char> UsernameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-@");

    /// <summary>Whether it can be the name of a tenant or a team.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= Longest && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>Whether it can be the name of a user.</summary>
    public static bool IsUsername(string text) => text.Length is > 0 and <= Longest && !text.AsSpan().ContainsAnyExcept(UsernameCharacters);
}
