namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Where a subject is started.</summary>
/// <param name="Workspace">What was published.</param>
/// <param name="Folder">Its own folder; it is its working directory too.</param>
/// <param name="Port">The port that it listens on, on 127.0.0.1.</param>
/// <param name="UpstreamPort">The upstream's port.</param>
/// <param name="SinkPort">The port of the server that takes telemetry.</param>
/// <param name="RedisPort">Redis's port; 0 where it was not started.</param>
internal sealed record Site(Workspace Workspace, string Folder, int Port, int UpstreamPort, int SinkPort, int RedisPort)
{
    /// <summary>The upstream's address.</summary>
    public string Upstream => $"http://127.0.0.1:{UpstreamPort}";

    /// <summary>The address of the server that takes telemetry.</summary>
    public string Sink => $"http://127.0.0.1:{SinkPort}";

    /// <summary>Redis's address.</summary>
    public string Redis => $"127.0.0.1:{RedisPort}";
}
