using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace LlmOps.Tests.Storage;

/// <summary>A real PostgreSQL of the test's own, on a free port of 127.0.0.1; it ends with the test.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Its superuser.</summary>
    public const string User = "llmops";

    /// <summary>That user's password; a URL must have it encoded.</summary>
    public const string Password = "p@ss:w/rd?";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private const int Tries = 5;

    // Where initdb and postgres are: in the PATH, or where Debian has them, the newest first.
    private static readonly string? Programs = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder.Length).ThenByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")) : [])
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    private static readonly string? Account = File.Exists("/etc/passwd")
        ? new[] { "postgres", "nobody" }.FirstOrDefault(name => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal)))
        : null;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-postgres-").FullName;
    private Process? _process;
    private int _databases;

    private PostgresServer()
    {
    }

    /// <summary>Why tests of a real PostgreSQL are skipped; null where it is there.</summary>
    public static string? Missing { get; } =
        Programs is null ? "PostgreSQL (initdb and postgres) is not installed."
        : Environment.IsPrivilegedProcess && (Account is null || Find("setpriv") is null) ? "PostgreSQL does not run as root, and there is no other user (postgres or nobody), or no setpriv, to run it."
        : null;

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes it and starts it.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        await server.InitializeAsync();
        for (var tries = 0; tries < Tries; tries++)
        {
            server.Port = Ports.Free();
            if (await server.TryStartAsync())
            {
                return server;
            }
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("postgres did not start.");
    }

    /// <summary>Makes an empty database, and returns how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return UrlOf(name);
    }

    /// <summary>How to connect to a database of it.</summary>
    public string UrlOf(string database) => $"postgres://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/{database}";

    /// <summary>Runs a statement as its superuser.</summary>
    public async Task ExecuteAsync(string database, string statement)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Username = User, Password = Password, Database = database, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts it anew on the same port, with the data it had.</summary>
    public async Task RestartAsync()
    {
        if (!await TryStartAsync())
        {
            throw new InvalidOperationException($"postgres did not start again on port {Port}.");
        }
    }

    /// <summary>Ends it as a crash does: nobody is told, and it recovers at the next start.</summary>
    public async Task KillAsync()
    {
        // The main process ends the others before it ends itself; were it killed, they would hold on to what it had.
        Signal("-QUIT", _process!.Id);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP to all its processes: they keep their connections and answer nothing.</summary>
    public void Suspend()
    {
        // The main one first, so that it starts no others.
        Signal("-STOP", _process!.Id);
        Signal("-STOP", Children());
    }

    /// <summary>SIGSTOP to those that serve single connections, by pg_backend_pid().</summary>
    public static void Suspend(params int[] processes) => Signal("-STOP", processes);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal("-CONT", [.. Children(), _process!.Id]);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Resume();
            await KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task InitializeAsync()
    {
        var passwordFile = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", ["-R", Account!, _folder]);
            await chown.WaitForExitAsync();
        }

        var run = await ProgramRun.OfAsync(AsAccount("initdb", "-D", Data, "-U", User, "--pwfile", passwordFile, "--auth", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync"));
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException("initdb failed: " + run.Errors);
        }
    }

    /// <summary>Starts it; false where it ended before it was ready: somebody may have taken the port.</summary>
    private async Task<bool> TryStartAsync()
    {
        var start = AsAccount(
            "postgres", "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "lc_messages=C");
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (await _process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
            {
                // Its further output must not fill the pipe.
                _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return true;
            }
        }

        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
        _process = null;
        return false;
    }

    // It refuses to run as root. setpriv becomes the program itself, so that signals reach it.
    private static ProcessStartInfo AsAccount(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs!, program);
        return Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid", Account!, "--regid", GroupOf(Account!), "--clear-groups", path, .. arguments]) { WorkingDirectory = "/" }
            : new ProcessStartInfo(path, arguments) { WorkingDirectory = "/" };
    }

    private static string GroupOf(string account) =>
        File.ReadLines("/etc/passwd").First(line => line.StartsWith(account + ":", StringComparison.Ordinal)).Split(':')[3];

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    // The parent is the second field after the name, which stands in brackets.
    private int[] Children() =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0 && ParentOf(id) == _process!.Id)];

    private static int ParentOf(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }

    private static void Signal(string signal, params int[] processes)
    {
        if (processes.Length > 0)
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", [signal, .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]) { RedirectStandardError = true })!;
            kill.WaitForExit();
        }
    }
}
