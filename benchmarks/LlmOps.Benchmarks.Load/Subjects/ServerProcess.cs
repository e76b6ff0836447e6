using System.Collections.Concurrent;
using System.Diagnostics;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A process with its children, ended together with this object or, at the latest, with the harness.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const long LargestOutput = 64 * 1024 * 1024;
    private const string MemoryFolder = "/dev/shm";

    // What a developer's shell holds (keys, proxies, OTEL_…, DOTNET_…) must not change what is measured.
    private static readonly string[] Inherited = ["HOME", "USER", "LANG", "TMPDIR", "DOTNET_ROOT"];

    private static readonly ConcurrentDictionary<Process, bool> Running = new();

    private readonly Process _process;
    private readonly string _output;

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Keys)
        {
            End(process);
        }
    };

    private ServerProcess(Process process, string output, string? countersSocket)
    {
        _process = process;
        _output = output;
        CountersSocket = countersSocket;
    }

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended, which none should by itself.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The socket of the hook that tells what the runtime allocates; null where it is not loaded.</summary>
    public string? CountersSocket { get; }

    /// <summary>Starts the command in the folder; its output goes to a file.</summary>
    /// <param name="command">What is started.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="withCounters">Whether the hook that tells what .NET allocates is loaded into it.</param>
    public static ServerProcess Start(ServerCommand command, string folder, bool withCounters)
    {
        // The shell opens the file and becomes the server: no bytes of its log pass through the harness.
        // Into memory where the machine has a file system for that: disks are not what is measured.
        var output = Path.Combine(Directory.Exists(MemoryFolder) ? MemoryFolder : folder, $"llmops-benchmarks-{Environment.ProcessId}-{Path.GetFileName(folder)}.log");
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder, UseShellExecute = false };
        string[] arguments = ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", output, command.File, .. command.Arguments];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var socket = withCounters ? $"llmops-benchmarks-{Guid.NewGuid():n}" : null;
        if (socket is not null)
        {
            start.Environment["DOTNET_STARTUP_HOOKS"] = Workspace.Own("LlmOps.Benchmarks.Hook.dll");
            start.Environment["LLMOPS_BENCHMARKS_SOCKET"] = socket;
        }

        var process = Process.Start(start)!;
        Running[process] = true;
        return new ServerProcess(process, output, socket);
    }

    /// <summary>Empties its output where it is large: a line per request fills a disk in an hour.</summary>
    public void LimitOutput()
    {
        using var file = new FileStream(_output, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        if (file.Length > LargestOutput)
        {
            file.SetLength(0);
        }
    }

    /// <summary>The last lines of its output.</summary>
    public string OutputEnd() => File.Exists(_output) ? string.Join('\n', File.ReadLines(_output).TakeLast(5)) : "";

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Running.TryRemove(_process, out _))
        {
            End(_process);
            _process.Dispose();
            File.Delete(_output);
        }
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }
}
