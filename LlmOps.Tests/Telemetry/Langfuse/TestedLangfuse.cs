using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Contracts;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Telemetry.Langfuse;

/// <summary>A Langfuse over real sockets, and the sink that is sent to it. At its end all that was sent is held against the published contract.</summary>
internal sealed class TestedLangfuse : IAsyncDisposable
{
    private readonly LoggerFactory _loggers;
    private readonly int _major;

    public TestedLangfuse(string version)
    {
        Fake = new FakeLangfuse(version);
        _major = Fake.Major;
        Server = new FakeServer(Fake.Answer);
        _loggers = new LoggerFactory([Logs]);
        Sink = LangfuseSink.Of(Options(), Time, _loggers.CreateLogger<LangfuseSink>())!;
    }

    public FakeLangfuse Fake { get; }

    public FakeServer Server { get; }

    public LangfuseSink Sink { get; }

    public ManualTime Time { get; } = new();

    public CollectedLogs Logs { get; } = new();

    /// <summary>The settings that lead to it.</summary>
    public TelemetryOptions Options() => new()
    {
        Langfuse = new LangfuseOptions { Host = Server.BaseAddress, PublicKey = FakeLangfuse.PublicKey, SecretKey = new Secret(FakeLangfuse.SecretKey), Environment = "staging" },
    };

    /// <summary>Sends events.</summary>
    public Task<SinkReply> SendAsync(params TelemetryEvent[] events) => Sink.SendAsync(events, default);

    /// <summary>The paths that were asked for, in their order.</summary>
    public IEnumerable<string> Paths => Server.Requests.Select(request => request.Path["/api/public/".Length..]);

    public async ValueTask DisposeAsync()
    {
        await Sink.CloseAsync(default);
        _loggers.Dispose();
        await Server.DisposeAsync();
        Server.Faults.ShouldBeEmpty();

        // Spans in protobuf have no schema there.
        Server.Requests.Where(request => request.Headers.ContentType.ToString() != "application/x-protobuf")
            .SelectMany(request => ContractCheck.Langfuse(_major)?.Faults(request.Method, request.Path, request.BodyText.Length == 0 ? default : request.Json) ?? [])
            .ShouldBeEmpty();
    }
}
