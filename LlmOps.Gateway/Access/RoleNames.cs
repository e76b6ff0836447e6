namespace LlmOps.Gateway.Access;

/// <summary>How roles are called.</summary>
internal static class RoleNames
{
    /// <summary>The words there are.</summary>
    public static IReadOnlyList<string> All { get; } = ["user", "operator", "admin"];

    /// <summary>Roles by their words, each one known; an administrator has the other roles as well.</summary>
    public static Roles Parse(IEnumerable<string> words)
    {
        var roles = words.Aggregate(Roles.None, (roles, word) => roles | Parse(word));
        return roles.HasFlag(Roles.Admin) ? Roles.User | Roles.Operator | Roles.Admin : roles;
    }

    /// <summary>Roles from their column: words with commas between.</summary>
    public static Roles Split(string words) => Parse(words.Split(',', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Roles for their column.</summary>
    public static string Join(Roles roles) => string.Join(',', Of(roles));

    /// <summary>The words of roles.</summary>
    public static IReadOnlyList<string> Of(Roles roles) => [.. All.Where(word => roles.HasFlag(Parse(word)))];

    private static Roles Parse(string word) => Enum.Parse<Roles>(word, ignoreCase: true);
}
