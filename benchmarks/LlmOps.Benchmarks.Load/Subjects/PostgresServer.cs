using System.Diagnostics;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A PostgreSQL with its defaults, in a folder that is removed with it.</summary>
internal sealed class PostgresServer : IDisposable
{
    private const string User = "llmops";
    private const int SigQuit = 3;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    // In the path, or where Debian has them, the newest first.
    private static readonly string? Programs = ServerProcess.SearchPath.Split(':')
        .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder.Length).ThenByDescending(folder => folder).Select(folder => Path.Combine(folder, "bin")) : [])
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    // It refuses to run as root.
    private static readonly string[]? Account = File.Exists("/etc/passwd")
        ? File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields[0] is "postgres" or "nobody").MaxBy(fields => fields[0])
        : null;

    // Not among the other servers' folders, which another user may not get into.
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"llmops-benchmarks-{Guid.NewGuid():n}");
    private ServerProcess _process;

    private PostgresServer() =>
        _process = Launch("initdb", "-D", _data, "-U", User, "--auth", "trust", "-E", "UTF8", "--locale", "C");

    /// <summary>Why there can be none on this machine; null if there can.</summary>
    public static string? Fault { get; } =
        Programs is null ? "PostgreSQL (initdb and postgres) is not installed"
        : Environment.IsPrivilegedProcess && (Account is null || !ServerProcess.SearchPath.Split(':').Any(folder => File.Exists(Path.Combine(folder, "setpriv"))))
            ? "PostgreSQL does not run as root, and there is no other user (postgres or nobody), or no setpriv, to run it"
        : null;

    /// <summary>Where it listens.</summary>
    public int Port { get; } = Ports.Take();

    /// <summary>How to connect to it.</summary>
    public string Url => $"postgres://{User}:bench@127.0.0.1:{Port}/postgres";

    /// <summary>Makes one and waits until it answers.</summary>
    /// <exception cref="BenchmarkException">It does not.</exception>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        if (Fault is { } fault)
        {
            throw new BenchmarkException($"There is no PostgreSQL: {fault}.");
        }

        var server = new PostgresServer();
        try
        {
            await server.WaitAsync(process => process.HasExited, cancellationToken);
            server._process.Dispose();
            server._process = Launch("postgres", "-D", server._data, "-p", $"{server.Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "lc_messages=C");
            await server.WaitAsync(process => process.OutputEnd().Contains("ready to accept connections", StringComparison.Ordinal), cancellationToken);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // It ends its children and gives back what it shares with them; killed, it would not.
            _process.Signal(SigQuit);
            SpinWait.SpinUntil(() => _process.HasExited, LongestStop);
        }

        _process.Dispose();
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private static ServerProcess Launch(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs!, program);
        return ServerProcess.Start(
            Environment.IsPrivilegedProcess ? new("setpriv", ["--reuid", Account![2], "--regid", Account[3], "--clear-groups", path, .. arguments]) : new(path, arguments),
            "/",
            withCounters: false);
    }

    private async Task WaitAsync(Func<ServerProcess, bool> isDone, CancellationToken cancellationToken)
    {
        for (var begun = Stopwatch.GetTimestamp(); !isDone(_process);)
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(begun) > LongestStart)
            {
                throw new BenchmarkException($"PostgreSQL does not start: {_process.OutputEnd()}");
            }

            await Task.Delay(10, cancellationToken);
        }
    }
}
