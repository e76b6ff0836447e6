using System.Diagnostics;

namespace LlmOps.Tests.Clients;

/// <summary>A test that needs Node and npm; it is skipped where they are missing.</summary>
internal sealed class NodeTheoryAttribute : TheoryAttribute
{
    private static readonly bool IsThere = Runs("node") && Runs("npm");

    public NodeTheoryAttribute()
    {
        if (!IsThere)
        {
            Skip = "Node and npm are not installed.";
        }
    }

    private static bool Runs(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
