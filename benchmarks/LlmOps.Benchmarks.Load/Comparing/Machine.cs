using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>Where a report was measured, and with what.</summary>
internal static class Machine
{
    /// <summary>Each fact on a line of its own, as a list.</summary>
    public static string Describe(string command, string commit) => string.Join('\n',
    [
        string.Create(CultureInfo.InvariantCulture, $"- {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {commit}, `{command}`"),
        string.Create(CultureInfo.InvariantCulture,
            $"- {Field("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GB, {RuntimeInformation.OSDescription}, kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}"),
        $"- .NET {Environment.Version}, {Version("nginx", "-v")}, {Version("wrk", "-v")}, {Version("redis-server", "-v")}, node {Version("node", "--version")}",
    ]);

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "processor unknown";

    // nginx tells its version on standard error; wrk's line ends with its copyright, and Redis's with how it was built.
    private static string Version(string program, string argument)
    {
        var (output, errors) = Run(program, argument);
        return output.Length > 0 ? output.Split(" Copyright")[0].Split(" sha=")[0] : errors.Length > 0 ? errors : "none";
    }

    // The first line of each.
    private static (string Output, string Errors) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, errors) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
            return (output.Split('\n')[0].Trim(), errors.Split('\n')[0].Trim());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return ("", ""); // It is not installed.
        }
    }
}
