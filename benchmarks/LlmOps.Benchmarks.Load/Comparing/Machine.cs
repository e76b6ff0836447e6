using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>Where a report was measured, and with what.</summary>
internal static class Machine
{
    /// <summary>Each fact on a line of its own, as a list.</summary>
    public static string Describe(string command) => string.Join('\n',
    [
        string.Create(CultureInfo.InvariantCulture, $"- {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, commit {FirstLine("git", "rev-parse", "--short=12", "HEAD")}{Changes()}, `{command}`"),
        string.Create(CultureInfo.InvariantCulture,
            $"- {Field("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GB, {RuntimeInformation.OSDescription}, kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}"),
        $"- .NET {Environment.Version}, {Version("nginx", "-v")}, {Version("wrk", "-v")}, node {Version("node", "--version")}",
    ]);

    private static string Changes() => FirstLine("git", "status", "--porcelain", "--untracked-files=no").Length > 0 ? " with uncommitted changes" : "";

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "processor unknown";

    // wrk's line ends with its copyright.
    private static string Version(string program, string argument) => FirstLine(program, argument) is { Length: > 0 } line ? line.Split(" Copyright")[0] : "none";

    private static string FirstLine(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, errors) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
            return (output + errors).Split('\n')[0].Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return ""; // It is not installed.
        }
    }
}
