using System.Diagnostics;
using System.Globalization;

namespace LlmOps.Tests.Redis;

/// <summary>A real redis-server of the test's own, on a free port of 127.0.0.1; it ends with the test.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private const int Tries = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-redis-").FullName;
    private readonly string[] _arguments;
    private readonly bool _tls;
    private Process? _process;

    private RedisServer(bool tls, string[] arguments) => (_tls, _arguments) = (tls, arguments);

    /// <summary>Why tests of a real Redis are skipped; null where it is there.</summary>
    public static string? Missing { get; } =
        new[] { "redis-server", "redis-cli" }.All(program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
            ? null
            : "redis-server and redis-cli are not installed.";

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>Where it listens, as <c>host:port</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Starts it, with further arguments of redis-server.</summary>
    public static Task<RedisServer> StartAsync(params string[] arguments) => StartAsync(tls: false, arguments);

    /// <summary>Starts it with a certificate for localhost.</summary>
    public static Task<RedisServer> StartTlsAsync(string certificateFile, string keyFile) =>
        StartAsync(tls: true, "--tls-cert-file", certificateFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certificateFile, "--tls-auth-clients", "no");

    /// <summary>Starts it anew on the same port, without the data it had.</summary>
    public async Task RestartAsync()
    {
        if (!await TryStartAsync())
        {
            throw new InvalidOperationException($"redis-server did not start again on port {Port}.");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP: it keeps its connections and answers nothing.</summary>
    public void Suspend() => Signal("-STOP");

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal("-CONT");

    /// <summary>What redis-cli says.</summary>
    public async Task<string> CliAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("redis-cli", ["-p", Port.ToString(CultureInfo.InvariantCulture), .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<RedisServer> StartAsync(bool tls, params string[] arguments)
    {
        var server = new RedisServer(tls, arguments);
        for (var tries = 0; tries < Tries; tries++)
        {
            server.Port = Ports.Free();
            if (await server.TryStartAsync())
            {
                return server;
            }
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("redis-server did not start.");
    }

    /// <summary>Starts it; false where it ended before it was ready: somebody may have taken the port.</summary>
    private async Task<bool> TryStartAsync()
    {
        string[] arguments =
        [
            _tls ? "--tls-port" : "--port", Port.ToString(CultureInfo.InvariantCulture), .. _tls ? ["--port", "0"] : Array.Empty<string>(),
            "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "no", "--enable-debug-command", "yes", .. _arguments,
        ];
        _process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                // Its further output must not fill the pipe.
                _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return true;
            }
        }

        await KillAsync();
        return false;
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
