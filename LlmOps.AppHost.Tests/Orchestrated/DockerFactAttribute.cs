using System.ComponentModel;
using System.Diagnostics;

namespace LlmOps.AppHost.Tests.Orchestrated;

/// <summary>A test that needs a Docker engine, and is skipped without one.</summary>
internal sealed class DockerFactAttribute : FactAttribute
{
    private static readonly string? Missing = Find();

    public DockerFactAttribute() => Skip = Missing;

    private static string? Find()
    {
        try
        {
            using var docker = Process.Start(new ProcessStartInfo("docker", ["info", "--format", "{{.ServerVersion}}"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            docker!.WaitForExit();
            return docker.ExitCode == 0 ? null : "No Docker engine answers.";
        }
        catch (Win32Exception)
        {
            return "Docker is not installed.";
        }
    }
}
