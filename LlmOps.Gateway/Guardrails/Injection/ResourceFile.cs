namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>The reviewed text files beside this one, each with its rules on top.</summary>
internal static class ResourceFile
{
    /// <summary>The lines of a file but for empty ones and comments.</summary>
    public static IEnumerable<string> Lines(string file)
    {
        using var stream = typeof(ResourceFile).Assembly.GetManifestResourceStream($"LlmOps.Gateway.Guardrails.Injection.{file}")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
