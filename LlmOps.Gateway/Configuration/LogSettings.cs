namespace LlmOps.Gateway.Configuration;

/// <summary>Checks how logs are configured, which would otherwise fail later and without the key, or not be noticed.</summary>
internal static class LogSettings
{
    private const string FileKey = "Logging:File:Path";

    public static void Validate(IConfiguration configuration, List<string> faults)
    {
        if (configuration[FileKey] is { Length: > 0 } path)
        {
            CheckWritable(path, faults);
        }

        foreach (var level in configuration.GetSection("Logging:LogLevel").GetChildren())
        {
            if (level.Value is { Length: > 0 } value && (!Enum.TryParse<LogLevel>(value, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed)))
            {
                faults.Add($"{EnvironmentNames.Describe(level.Path)} is '{value}'; expected one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }
    }

    private static void CheckWritable(string path, List<string> faults)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add($"{EnvironmentNames.Describe(FileKey)} is '{path}', which cannot be written: {exception.Message}");
        }
    }
}
