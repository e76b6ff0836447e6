using System.Runtime.CompilerServices;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Tests;

/// <summary>Tests must not see the developer's own keys and settings.</summary>
internal static class CleanEnvironment
{
    [ModuleInitializer]
    public static void Clean()
    {
        var names = EnvironmentNames.All.Select(name => name.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var variable in Environment.GetEnvironmentVariables().Keys.Cast<string>().ToList())
        {
            if (names.Contains(variable) || variable.StartsWith("Gateway__", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("OTEL_", StringComparison.Ordinal))
            {
                Environment.SetEnvironmentVariable(variable, null);
            }
        }
    }
}
