namespace LlmOps.Gateway.Prompts;

/// <summary>How prompts are called: as their folders.</summary>
internal static class PromptName
{
    /// <summary>What a name must look like, for messages.</summary>
    public const string Form = "a name of up to 64 lower-case letters, digits, _ and -";

    private const int Longest = 64;

    /// <summary>Whether a text can be a prompt's name.</summary>
    public static bool IsValid(string text) =>
        text.Length is > 0 and <= Longest && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '_' or '-') && text[0] is not '-' and not '_';

    /// <summary>Whether names are the same but for what the name of an environment variable cannot tell: letter case, and - from _.</summary>
    public static bool IsSameVariable(string left, string right) => Plain(left) == Plain(right);

    private static string Plain(string name) => name.Replace('-', '_').ToUpperInvariant();
}
