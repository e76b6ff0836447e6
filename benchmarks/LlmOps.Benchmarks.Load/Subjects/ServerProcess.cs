using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A process with its children, ended together with this object or, at the latest, with the harness.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    // What a developer's shell holds (keys, proxies, OTEL_…, DOTNET_…) must not change what is measured.
    private static readonly string[] Inherited = ["HOME", "USER", "LANG", "TMPDIR", "DOTNET_ROOT"];

    private static readonly ConcurrentDictionary<Process, bool> Running = new();

    private readonly Process _process;
    private readonly OutputReader _output;

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Keys)
        {
            End(process);
        }
    };

    private ServerProcess(Process process, string? countersSocket)
    {
        _process = process;
        _output = new OutputReader(process.StandardOutput.BaseStream);
        CountersSocket = countersSocket;
    }

    /// <summary>Where programs are looked for: what needs no rights is in sbin too.</summary>
    public static string SearchPath { get; } = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended, which none should by itself.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The socket of the hook that tells what the runtime allocates; null where it is not loaded.</summary>
    public string? CountersSocket { get; }

    /// <summary>Starts the command in the folder; its output is read, as a container engine does.</summary>
    /// <param name="command">What is started.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="withCounters">Whether the hook that tells what .NET allocates is loaded into it.</param>
    public static ServerProcess Start(ServerCommand command, string folder, bool withCounters)
    {
        // The shell joins both outputs, and becomes the server.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true };
        string[] arguments = ["-c", "exec \"$@\" 2>&1 </dev/null", "sh", command.File, .. command.Arguments];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = SearchPath;
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
        return new ServerProcess(process, socket);
    }

    /// <summary>The last lines of its output.</summary>
    public string OutputEnd() => _output.End();

    /// <summary>Asks every few milliseconds until it answers.</summary>
    /// <returns>Whether it does; it may have ended, or take too long.</returns>
    public async Task<bool> AnswersAsync(Func<CancellationToken, Task> ask, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(longest);
        try
        {
            while (!HasExited)
            {
                try
                {
                    await ask(timeout.Token);
                    return true;
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(2, timeout.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Too long.
        }

        return false;
    }

    /// <summary>Sends it a signal, by its number.</summary>
    /// <exception cref="BenchmarkException">It takes none.</exception>
    public void Signal(int signal)
    {
        if (SendSignal(Id, signal) != 0)
        {
            throw new BenchmarkException($"Process {Id} took no signal {signal}: {OutputEnd()}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Running.TryRemove(_process, out _))
        {
            End(_process);
            _process.Dispose();
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

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
