using System.Globalization;

namespace LlmOps.Gateway.Prompts;

/// <summary>How versions are called: v1, v2, …</summary>
internal static class VersionName
{
    /// <summary>What a name must look like, for messages.</summary>
    public const string Form = "v and a number from 1, such as v2";

    private const int Most = 1_000_000;

    /// <summary>The name of a version.</summary>
    public static string Of(int number) => string.Create(CultureInfo.InvariantCulture, $"v{number}");

    /// <summary>The version of a name; null where it is none.</summary>
    public static int? Parse(ReadOnlySpan<char> name) =>
        name is ['v', >= '1' and <= '9', ..] && int.TryParse(name[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Most ? number : null;
}
