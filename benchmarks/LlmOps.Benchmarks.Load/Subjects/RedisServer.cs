using System.Net;
using System.Net.Sockets;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A Redis that keeps nothing on the disk, and what may befall one.</summary>
internal sealed class RedisServer : IDisposable
{
    private const string Program = "redis-server";

    // Linux's numbers, on every processor that .NET runs on.
    private const int SigCont = 18;
    private const int SigStop = 19;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private ServerProcess _process;

    private RedisServer(string folder)
    {
        _folder = folder;
        _process = Launch();
    }

    /// <summary>Why there can be none on this machine; null if there can.</summary>
    public static string? Fault =>
        ServerProcess.SearchPath.Split(':').Any(folder => File.Exists(Path.Combine(folder, Program))) ? null : $"{Program} is not installed; benchmarks/run.sh installs it where it can";

    /// <summary>Where it listens; it stays the same when it is started again.</summary>
    public int Port { get; } = Ports.Take();

    /// <summary>Starts one and waits until it answers.</summary>
    /// <exception cref="BenchmarkException">It does not.</exception>
    public static async Task<RedisServer> StartAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        if (Fault is { } fault)
        {
            throw new BenchmarkException($"There is no Redis: {fault}.");
        }

        var server = new RedisServer(workspace.RunFolder("redis"));
        try
        {
            await server.WaitAsync(cancellationToken);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Kills it, as a crash would; what it had is lost.</summary>
    public void Kill() => _process.Dispose();

    /// <summary>Starts it again after it was killed, and waits until it answers.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        _process = Launch();
        await WaitAsync(cancellationToken);
    }

    /// <summary>Stops it where it is: its connections stay, and are not answered.</summary>
    public void Pause() => _process.Signal(SigStop);

    /// <summary>Has it go on.</summary>
    public void Continue() => _process.Signal(SigCont);

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private ServerProcess Launch() => ServerProcess.Start(
        new(Program, "--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"), _folder, withCounters: false);

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(LongestStart);
        try
        {
            while (!_process.HasExited)
            {
                if (await AnswersAsync(timeout.Token))
                {
                    return;
                }

                await Task.Delay(2, timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Told below, with what the process said.
        }

        throw new BenchmarkException($"Redis does not answer: {_process.OutputEnd()}");
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            await socket.SendAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[64];
            return answer.AsSpan(0, await socket.ReceiveAsync(answer, cancellationToken)).StartsWith("+PONG"u8);
        }
        catch (SocketException)
        {
            return false; // It does not listen yet.
        }
    }
}
