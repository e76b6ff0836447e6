using System.Net.Http.Json;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>An upstream whose faults are switched while it runs, and that counts its calls.</summary>
internal sealed class FaultyUpstream : IDisposable
{
    /// <summary>The fault that is none.</summary>
    public const string None = "none";

    private readonly ServerProcess _process;
    private readonly HttpClient _control;

    private FaultyUpstream(ServerProcess process, int port, int controlPort)
    {
        _process = process;
        _control = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{controlPort}") };
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Starts one and waits until it can be switched.</summary>
    public static async Task<FaultyUpstream> StartAsync(Workspace workspace, string name, TimeSpan longest, CancellationToken cancellationToken)
    {
        var (port, controlPort) = (Ports.Take(), Ports.Take());
        var process = ServerProcess.Start(new(workspace.Servers, "faulty", $"{port}", $"{controlPort}"), workspace.RunFolder(name), withCounters: false);
        var upstream = new FaultyUpstream(process, port, controlPort);
        if (await process.AnswersAsync(upstream.CountAsync, longest, cancellationToken))
        {
            return upstream;
        }

        var said = process.OutputEnd();
        upstream.Dispose();
        throw new BenchmarkException($"{name} does not answer: {said}");
    }

    /// <summary>Switches to a fault, or to health, and returns what was counted until then.</summary>
    /// <param name="fault">Its name.</param>
    /// <param name="retryAfter">Seconds that a 429 asks for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<CallCounts> SwitchAsync(string fault, int retryAfter, CancellationToken cancellationToken)
    {
        using var response = await _control.PutAsync(new Uri($"/fault/{fault}?retryAfter={retryAfter}", UriKind.Relative), null, cancellationToken);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<CallCounts>(cancellationToken))!;
    }

    /// <summary>What was counted so far.</summary>
    public async Task<CallCounts> CountAsync(CancellationToken cancellationToken) =>
        (await _control.GetFromJsonAsync<CallCounts>("/counts", cancellationToken))!;

    /// <summary>The calls that requests of leaving callers have led to.</summary>
    public async Task<LeaverCall[]> LeaversAsync(CancellationToken cancellationToken) =>
        (await _control.GetFromJsonAsync<LeaverCall[]>("/leavers", cancellationToken))!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _control.Dispose();
        _process.Dispose();
    }
}

/// <summary>The calls of an upstream.</summary>
/// <param name="Received">So many came.</param>
/// <param name="Open">So many of them have not ended.</param>
internal sealed record CallCounts(long Received, long Open);

/// <summary>One call that the request of a leaving caller has led to.</summary>
/// <param name="Leaver">The request's number.</param>
/// <param name="BegunAt">When the call came, as a timestamp of Stopwatch.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="End">Open, Answered, Failed (by the upstream) or Closed (by the other side).</param>
internal sealed record LeaverCall(int Leaver, long BegunAt, long EndedAt, string End)
{
    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => End == "Open";

    /// <summary>Whether the upstream has answered it to the end.</summary>
    public bool IsAnswered => End == "Answered";

    /// <summary>Whether the other side closed its connection before.</summary>
    public bool IsClosed => End == "Closed";
}
