using System.Diagnostics;
using System.Globalization;
using System.Text;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Tests;

/// <summary>The gateway as a program of its own, for what only a process shows: its start, its output, its signals.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // Images of the SDK have some of them set.
    private static readonly string[] FrameworkNames = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS"];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process, int port)
    {
        _process = process;
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = Deadline };
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>A client for it.</summary>
    public HttpClient Http { get; }

    /// <summary>What it wrote, to both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it in a folder, with environment variables.</summary>
    public static GatewayProcess Start(string folder, params (string Name, string Value)[] variables)
    {
        var port = Ports.Free();
        return StartWith(folder, port, [("LLM_PORT", port.ToString(CultureInfo.InvariantCulture)), ("Gateway__Data__Folder", Path.Combine(folder, "data")), .. variables]);
    }

    /// <summary>Starts it with just these variables, which have it listen on the port.</summary>
    public static GatewayProcess StartWith(string folder, int port, params IEnumerable<(string Name, string Value)> variables) => Start(Command(folder, variables), port);

    /// <summary>Starts a command of it that has it listen on the port.</summary>
    public static GatewayProcess Start(ProcessStartInfo start, int port)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var gateway = new GatewayProcess(new Process { StartInfo = start }, port);
        gateway._process.OutputDataReceived += (_, line) => gateway.Take(line.Data);
        gateway._process.ErrorDataReceived += (_, line) => gateway.Take(line.Data);
        gateway._process.Start();
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        return gateway;
    }

    /// <summary>The program's command with these arguments, and of all variables that it knows just these.</summary>
    public static ProcessStartInfo Command(string folder, IEnumerable<(string Name, string Value)> variables, params string[] arguments)
    {
        var command = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LlmOps.Gateway.dll"), .. arguments]) { WorkingDirectory = folder };
        foreach (var name in EnvironmentNames.All.Select(name => name.Name).Concat(FrameworkNames))
        {
            command.Environment.Remove(name);
        }

        foreach (var (name, value) in variables)
        {
            command.Environment[name] = value;
        }

        return command;
    }

    /// <summary>Waits until it says where it listens.</summary>
    public async Task<GatewayProcess> ReadyAsync()
    {
        try
        {
            await _ready.Task.WaitAsync(Deadline);
            return this;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("The gateway did not start:\n" + Output);
        }
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Ends it with SIGKILL, which it cannot notice.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Its exit code, when it has ended.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line?.Contains("Models ", StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }
}
