namespace LlmOps.Gateway.Configuration;

/// <summary>
/// The <c>.env</c> format as Docker Compose and most tools read it: NAME=value, # comments, an optional
/// <c>export</c>, single quotes verbatim, double quotes with \n, \" and \\; no variable expansion.
/// </summary>
internal static class DotEnvFile
{
    /// <summary>The variables of the file; none if it does not exist.</summary>
    /// <exception cref="ConfigurationException">A line is not NAME=value; all such lines are named.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        var variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(path))
        {
            return variables;
        }

        var faults = new List<string>();
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{path} cannot be read: {exception.Message}"]);
        }

        foreach (var (line, number) in lines.Select((line, index) => (line.Trim(), index + 1)))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var pair = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..] : line;
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                // The line itself is not shown: it may be a secret that lost its name.
                faults.Add($"{Path.GetFileName(path)} line {number} is not NAME=value.");
                continue;
            }

            variables[pair[..equals].Trim()] = Unquote(pair[(equals + 1)..].Trim());
        }

        return faults.Count == 0 ? variables : throw new ConfigurationException(faults);
    }

    private static string Unquote(string value)
    {
        if (value.Length >= 2 && value[0] is '\'' or '"')
        {
            var end = value.LastIndexOf(value[0]);
            if (end > 0)
            {
                var inner = value[1..end];
                return value[0] == '\'' ? inner : inner
                    .Replace("\\\\", "\0", StringComparison.Ordinal)
                    .Replace("\\n", "\n", StringComparison.Ordinal)
                    .Replace("\\\"", "\"", StringComparison.Ordinal)
                    .Replace("\0", "\\", StringComparison.Ordinal);
            }
        }

        // Unquoted: a # after white space starts a comment, one inside a value does not.
        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
