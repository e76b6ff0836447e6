using System.Runtime.CompilerServices;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace LlmOps.AppHost.Tests;

/// <summary>A home folder for the run of the tests: what Aspire makes of secrets it keeps in the user's, in plain text.</summary>
internal static class TestHome
{
    /// <summary>Where it is.</summary>
    public static string Folder { get; } = Directory.CreateTempSubdirectory("llmops-apphost-").FullName;

    [ModuleInitializer]
    internal static void MoveIn()
    {
        Environment.SetEnvironmentVariable("HOME", Folder);
        // What the developer has set is no part of a test.
        foreach (var (_, variable) in GatewayEnvironment.ProviderKeys)
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);
    }
}
