using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.MLflow;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Telemetry.MLflow;

/// <summary>Tests of the sink against a server that enforces MLflow's contract; over real sockets.</summary>
public abstract class MLflowTests : IAsyncLifetime
{
    private protected static readonly MLflowFacts Facts = new(
        "llmops-gateway", "1.2.3", "host-17", new Dictionary<string, string> { ["configuration"] = "cafe", ["default_model"] = "gpt-4o", ["providers"] = new('p', 900) });

    private readonly LoggerFactory _loggers;
    private readonly List<MLflowSink> _sinks = [];

    protected MLflowTests()
    {
        Server = new FakeServer(request => Fake.Answer(request));
        _loggers = new LoggerFactory([Logs]);
        Time.Advance(MoreTraces.Start - DateTimeOffset.UnixEpoch);
    }

    private protected FakeMLflow Fake { get; set; } = new();

    private protected FakeServer Server { get; }

    private protected ManualTime Time { get; } = new();

    private protected CollectedLogs Logs { get; } = new();

    /// <summary>The one run.</summary>
    private protected FakeRun Run => Fake.Runs.ShouldHaveSingleItem();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _sinks.ForEach(sink => sink.Dispose());
        _loggers.Dispose();
        await Server.DisposeAsync();
        Server.Faults.ShouldBeEmpty();
    }

    private protected MLflowSink Sink(string? user = null)
    {
        var options = new TelemetryOptions { MLflow = { TrackingUri = Server.BaseAddress, Username = user, Password = user is null ? null : new("p:w") } };
        var sink = MLflowSink.Create(options, Facts, Time, _loggers.CreateLogger<MLflowSink>())!;
        _sinks.Add(sink);
        return sink;
    }

    private protected static Task<SinkReply> SendAsync(MLflowSink sink, params RequestTrace[] requests) => sink.SendAsync(requests, CancellationToken.None);

    /// <summary>Handles requests as before, but for those that a test wants lost after they had their effect.</summary>
    private protected void LoseAnswers(Func<ReceivedRequest, bool> isLost) => Server.Handler = request =>
    {
        var reply = Fake.Answer(request);
        return isLost(request) ? FakeReply.Reset() : reply;
    };
}
