using System.ComponentModel;
using System.Diagnostics;

namespace LlmOps.Tests.Docs;

/// <summary>A test that needs bash and curl; it is skipped where they are missing.</summary>
internal sealed class BashTheoryAttribute : TheoryAttribute
{
    private static readonly bool IsThere = Runs("bash") && Runs("curl");

    public BashTheoryAttribute()
    {
        if (!IsThere)
        {
            Skip = "bash and curl are not installed.";
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
        catch (Win32Exception)
        {
            return false;
        }
    }
}
