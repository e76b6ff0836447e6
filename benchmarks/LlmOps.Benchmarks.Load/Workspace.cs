namespace LlmOps.Benchmarks.Load;

/// <summary>The folder that run.sh has published everything into, and that everything is written to.</summary>
internal sealed class Workspace
{
    private readonly string _root = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!;

    /// <summary>The gateway, as it is installed.</summary>
    public string Gateway => Published("gateway", "LlmOps.Gateway");

    /// <summary>The upstream and the reference servers.</summary>
    public string Servers => Published("servers", "LlmOps.Benchmarks.Servers");

    /// <summary>The evaluator.</summary>
    public string Evaluator => Published("evaluator", "LlmOps.Evaluator");

    /// <summary>Portkey's gateway; the file is there only if npm could fetch it.</summary>
    public string Portkey => Path.Combine(_root, "portkey/node_modules/@portkey-ai/gateway/build/start-server.js");

    /// <summary>A file that lies beside the harness.</summary>
    public static string Own(string name) => Path.Combine(AppContext.BaseDirectory, name);

    /// <summary>Why Portkey could not be fetched, as run.sh noted it; null if it could.</summary>
    public string? PortkeyFault => File.Exists(Portkey) ? null
        : File.Exists(Path.Combine(_root, "portkey.fault")) ? File.ReadAllText(Path.Combine(_root, "portkey.fault")).Trim()
        : "it was not fetched; run benchmarks/run.sh";

    /// <summary>What run.sh has published, which may not be what the repository has by now.</summary>
    public string Commit
    {
        get
        {
            var file = Path.Combine(_root, "commit");
            return (File.Exists(file) ? File.ReadAllLines(file) : []) switch
            {
                [] => "no commit known",
                [var commit] => $"commit {commit}",
                [var commit, ..] => $"commit {commit} with uncommitted changes",
            };
        }
    }

    /// <summary>The folder of one server: its data, its configuration, its output. It stays when the server is started again.</summary>
    public string RunFolder(string name) =>
        Directory.CreateDirectory(Path.Combine(_root, "run", name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-'))).FullName;

    /// <summary>Removes what the last run's servers left.</summary>
    public void ClearRunFolders()
    {
        if (Directory.Exists(Path.Combine(_root, "run")))
        {
            Directory.Delete(Path.Combine(_root, "run"), recursive: true);
        }
    }

    /// <summary>Writes a report and returns where it is.</summary>
    public string WriteResult(string name, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "results")).FullName;
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string Published(string folder, string program)
    {
        var path = Path.Combine(_root, folder, program);
        return File.Exists(path) ? path : throw new BenchmarkException($"{path} is missing: start the benchmark with benchmarks/run.sh, which publishes it.");
    }
}
