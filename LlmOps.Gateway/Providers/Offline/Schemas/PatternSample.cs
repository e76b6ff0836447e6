using System.Globalization;
using System.Text.RegularExpressions;
using System.Text;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Finds or makes a string for a simple regular expression: literals, classes and counts in a row.</summary>
internal static class PatternSample
{
    /// <summary>Longest pattern that is read, in UTF-16 units.</summary>
    private const int MaxPattern = 200;

    /// <summary>Words of the text that are tried.</summary>
    private const int MaxTried = 500;

    /// <summary>Most repetitions that are made.</summary>
    private const int MaxRepeated = 100;

    /// <summary>A word of the text that matches, else a made string; null if the pattern is not simple.</summary>
    public static string? For(string pattern, string text, int minLength, int maxLength)
    {
        if (pattern.Length > MaxPattern || Compile(pattern) is not { } regex)
        {
            return null;
        }

        bool Fits(string value) => value.Length >= minLength && value.Length <= maxLength && regex.IsMatch(value);
        string? said = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MaxTried).Select(word => word.Trim('.', ',', ';', ':', '!', '?', '"', '\'', '(', ')')).FirstOrDefault(word => word.Length > 0 && Fits(word));
        return said ?? (Make(pattern, Math.Min(minLength, MaxRepeated)) is { } made && Fits(made) ? made : null);
    }

    private static Regex? Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    // The first character of every class, as often as it must be; an open repetition makes up the minimal length.
    private static string? Make(string pattern, int minLength)
    {
        var made = new StringBuilder();
        for (int i = 0; i < pattern.Length;)
        {
            if (pattern[i] is '^' or '$')
            {
                i++;
                continue;
            }

            if (Unit(pattern, ref i) is not { } unit || Count(pattern, ref i) is not var (least, open))
            {
                return null;
            }

            made.Append(unit, open ? Math.Max(least, minLength - made.Length) : least);
        }

        return made.ToString();
    }

    private static char? Unit(string pattern, ref int at)
    {
        char c = pattern[at++];
        switch (c)
        {
            case '[' when at < pattern.Length && pattern[at] != '^':
                int end = pattern.IndexOf(']', at);
                char first = pattern[at];
                if (end <= at || (first == '\\' && end < at + 2))
                {
                    return null;
                }

                char? chosen = first == '\\' ? Escaped(pattern[at + 1]) : first;
                at = end + 1;
                return chosen;
            case '\\' when at < pattern.Length:
                return Escaped(pattern[at++]);
            case '.':
                return 'a';
            case '[' or '(' or ')' or '|' or '*' or '+' or '?' or '{' or '\\':
                return null;
            default:
                return c;
        }
    }

    private static char? Escaped(char c) => c switch { 'd' => '0', 'w' => 'a', 's' => ' ', _ when char.IsAsciiLetterOrDigit(c) => null, _ => c };

    private static (int Least, bool Open)? Count(string pattern, ref int at)
    {
        switch (at < pattern.Length ? pattern[at] : '\0')
        {
            case '*':
                at++;
                return (0, true);
            case '+':
                at++;
                return (1, true);
            case '?':
                at++;
                return (0, false);
            case '{':
                int end = pattern.IndexOf('}', at);
                string[] counts = end < 0 ? [] : pattern[(at + 1)..end].Split(',');
                at = end + 1;
                return counts.Length is 1 or 2 && int.TryParse(counts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int least) && least <= MaxRepeated
                    ? (least, counts.Length == 2)
                    : null;
            default:
                return (1, false);
        }
    }
}
