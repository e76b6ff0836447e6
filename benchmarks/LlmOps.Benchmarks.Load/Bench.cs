using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load;

/// <summary>The upstream, the sink for telemetry, and the subjects that were started between them.</summary>
internal sealed class Bench : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    private readonly List<IDisposable> _running = [];
    private readonly int _upstreamPort = Ports.Take();
    private readonly int _sinkPort = Ports.Take();
    private RedisServer? _redis;

    private Bench(Workspace workspace)
    {
        Workspace = workspace;
        workspace.ClearRunFolders();
        Upstream = StartUpstream();
        _running.Add(ServerProcess.Start(new(workspace.Servers, "sink", $"{_sinkPort}"), workspace.RunFolder("sink"), withCounters: false));
    }

    /// <summary>What was published.</summary>
    public Workspace Workspace { get; }

    /// <summary>The process behind all subjects.</summary>
    public ServerProcess Upstream { get; private set; }

    /// <summary>Starts the upstream and the sink.</summary>
    public static async Task<Bench> OpenAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var bench = new Bench(workspace);
        try
        {
            await bench.WaitForUpstreamAsync(cancellationToken);
            return bench;
        }
        catch
        {
            bench.Dispose();
            throw;
        }
    }

    /// <summary>Starts a Redis, for the subjects that are started from now on.</summary>
    public async Task<RedisServer> StartRedisAsync(CancellationToken cancellationToken)
    {
        _redis = await RedisServer.StartAsync(Workspace, cancellationToken);
        _running.Add(_redis);
        return _redis;
    }

    /// <summary>Starts a subject and waits until it answers.</summary>
    /// <exception cref="BenchmarkException">It does not.</exception>
    public async Task<RunningSubject> StartAsync(Subject subject, bool withCounters, CancellationToken cancellationToken)
    {
        var running = Launch(subject, withCounters);
        _running.Add(running);
        await WaitAsync(running, LongestStart, cancellationToken);
        return running;
    }

    /// <summary>Starts a subject and leaves it to the caller to wait and to end it.</summary>
    public RunningSubject Launch(Subject subject, bool withCounters)
    {
        var site = new Site(Workspace, Workspace.RunFolder(subject.Name), subject.Command is null ? _upstreamPort : Ports.Take(), _upstreamPort, _sinkPort, _redis?.Port ?? 0);
        return new RunningSubject(subject, site, subject.Command is { } command
            ? ServerProcess.Start(command(site), site.Folder, withCounters && subject.IsDotNet)
            : Upstream);
    }

    /// <summary>Kills the upstream, as a crash would.</summary>
    public void KillUpstream() => Upstream.Dispose();

    /// <summary>Starts the upstream again, on its port, and waits until it answers.</summary>
    public async Task RestartUpstreamAsync(CancellationToken cancellationToken)
    {
        Upstream = StartUpstream();
        await WaitForUpstreamAsync(cancellationToken);
    }

    /// <summary>Polls the subject every few milliseconds until it answers a POST.</summary>
    /// <exception cref="BenchmarkException">It ended, or did not answer in time.</exception>
    public static async Task WaitAsync(RunningSubject running, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(longest);
        try
        {
            var isPrepared = running.Subject.Prepare is null;
            while (!running.Process.HasExited)
            {
                var request = running.Request(Payload.Body(Payload.AtOnce));
                using var caller = new Caller(running.Port);
                var answer = await caller.AskAsync(request, timeout.Token);
                if (answer is { Status: 200 })
                {
                    return;
                }

                if (!isPrepared && answer != Answer.Broken)
                {
                    await running.PrepareAsync(timeout.Token);
                    isPrepared = true;
                    continue;
                }

                await Task.Delay(2, timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Told below, with what the process said.
        }

        throw new BenchmarkException($"{running.Subject.Name} does not answer a POST: {running.Process.OutputEnd()}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var running in _running)
        {
            running.Dispose();
        }

        Upstream.Dispose();
    }

    private ServerProcess StartUpstream() =>
        ServerProcess.Start(new(Workspace.Servers, "upstream", $"{_upstreamPort}"), Workspace.RunFolder("upstream"), withCounters: true);

    private Task WaitForUpstreamAsync(CancellationToken cancellationToken) =>
        WaitAsync(Launch(SubjectList.Named(SubjectList.Direct), withCounters: false), LongestStart, cancellationToken);
}
