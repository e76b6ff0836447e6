using System.Net.Http.Json;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Stand-ins for Langfuse, MLflow and Kafka's REST proxy, each on a way of its own, whose faults are switched while they run.</summary>
internal sealed class FaultySinks : IDisposable
{
    /// <summary>The fault of which nobody listens any more.</summary>
    public const string Down = "down";

    private static readonly string[] Names = ["langfuse", "mlflow", "kafka"];
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    private readonly ServerProcess _process;
    private readonly HttpClient _control;
    private readonly Dictionary<string, DelayedLine> _lines;
    private bool _isDown;

    private FaultySinks(ServerProcess process, int port, int controlPort)
    {
        _process = process;
        _control = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{controlPort}") };
        _lines = Names.ToDictionary(name => name, _ => new DelayedLine(port));
    }

    /// <summary>The settings of a gateway that tells all of them.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("LANGFUSE_HOST", Address("langfuse")),
        ("LANGFUSE_PUBLIC_KEY", "pk-lf-bench"),
        ("LANGFUSE_SECRET_KEY", "sk-lf-bench"),
        ("MLFLOW_TRACKING_URI", Address("mlflow")),
        ("Gateway__Telemetry__Kafka__Enabled", "true"),
        ("Gateway__Telemetry__Kafka__RestUrl", Address("kafka")),
    ];

    /// <summary>Starts them and waits until they can be switched.</summary>
    /// <param name="workspace">What was published.</param>
    /// <param name="langfuse">Langfuse's version.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BenchmarkException">They cannot.</exception>
    public static async Task<FaultySinks> StartAsync(Workspace workspace, string langfuse, CancellationToken cancellationToken)
    {
        var (port, controlPort) = (Ports.Take(), Ports.Take());
        var sinks = new FaultySinks(
            ServerProcess.Start(new(workspace.Servers, "faulty-sinks", $"{port}", $"{controlPort}", langfuse), workspace.RunFolder("faulty sinks"), withCounters: false), port, controlPort);
        if (await sinks._process.AnswersAsync(sinks.CountAsync, LongestStart, cancellationToken))
        {
            return sinks;
        }

        var said = sinks._process.OutputEnd();
        sinks.Dispose();
        throw new BenchmarkException($"The stand-ins of sinks do not answer: {said}");
    }

    /// <summary>Has all of them fail so from now on.</summary>
    public async Task SwitchAsync(string fault, CancellationToken cancellationToken)
    {
        (await _control.PutAsync(new Uri($"/fault/{fault}", UriKind.Relative), null, cancellationToken)).EnsureSuccessStatusCode();
        if (fault == Down != _isDown)
        {
            _isDown = !_isDown;
            foreach (var line in _lines.Values)
            {
                (_isDown ? (Action)line.Close : line.Open)();
            }
        }
    }

    /// <summary>What came so far, by the sink's name.</summary>
    public async Task<Dictionary<string, TakenCounts>> CountAsync(CancellationToken cancellationToken) =>
        (await _control.GetFromJsonAsync<Dictionary<string, TakenCounts>>("/counts", cancellationToken))!;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var line in _lines.Values)
        {
            line.Dispose();
        }

        _control.Dispose();
        _process.Dispose();
    }

    private string Address(string name) => $"http://127.0.0.1:{_lines[name].Port}/{name}";
}

/// <summary>What a sink was told.</summary>
/// <param name="Unique">Requests of the gateway's, each once.</param>
/// <param name="Repeated">How often one came again.</param>
/// <param name="Summed">The sum of the metric "requests", for MLflow.</param>
internal sealed record TakenCounts(long Unique, long Repeated, long Summed);
