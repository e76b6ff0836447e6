using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Tests;

/// <summary>The gateway as a program of its own, for what only a process shows: its start, its output, its signals.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process, int port)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = Deadline };
    }

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
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", Path.Combine(AppContext.BaseDirectory, "LlmOps.Gateway.dll"))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in EnvironmentNames.All)
        {
            start.Environment.Remove(name.Name);
        }

        start.Environment["LLM_PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["Gateway__Data__Folder"] = Path.Combine(folder, "data");
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var gateway = new GatewayProcess(new Process { StartInfo = start }, port);
        gateway._process.OutputDataReceived += (_, line) => gateway.Take(line.Data);
        gateway._process.ErrorDataReceived += (_, line) => gateway.Take(line.Data);
        gateway._process.Start();
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        return gateway;
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
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
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
