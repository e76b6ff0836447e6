namespace LlmOps.Gateway.Configuration;

/// <summary>Checks the framework's log levels, which would otherwise fail later and without their key.</summary>
internal static class LogLevels
{
    public static void Validate(IConfiguration configuration, List<string> faults)
    {
        foreach (var level in configuration.GetSection("Logging:LogLevel").GetChildren())
        {
            if (level.Value is { Length: > 0 } value && (!Enum.TryParse<LogLevel>(value, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed)))
            {
                faults.Add($"{EnvironmentNames.Describe(level.Path)} is '{value}'; expected one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }
    }
}
