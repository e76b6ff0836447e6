using System.Collections.Concurrent;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Tests.Telemetry.Delivery;

/// <summary>A sink that keeps what it is sent, and does with it what a test says.</summary>
internal sealed class CollectingSink(string name = "collected") : ISink
{
    private readonly ConcurrentQueue<TelemetryEvent> _taken = new();

    /// <summary>What becomes of a batch; where it returns, all of it is kept but what is to be sent again.</summary>
    public Func<IReadOnlyList<TelemetryEvent>, Task<SinkReply>> Answer { get; set; } = _ => Task.FromResult(SinkReply.Taken);

    public string Name => name;

    /// <summary>All that was taken, in that order.</summary>
    public IReadOnlyCollection<TelemetryEvent> Taken => _taken;

    /// <summary>The requests among them.</summary>
    public IEnumerable<RequestTrace> Requests => _taken.OfType<RequestTrace>();

    /// <summary>How often it was called.</summary>
    public int Calls { get; private set; }

    public bool IsClosed { get; private set; }

    public bool Takes(TelemetryEvent telemetry) => true;

    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        Calls++;
        var reply = await Answer(events).WaitAsync(cancellationToken);
        foreach (var telemetry in events.Except(reply.Again).Skip(reply.Rejected))
        {
            _taken.Enqueue(telemetry);
        }

        return reply;
    }

    public Task CloseAsync(CancellationToken cancellationToken)
    {
        IsClosed = true;
        return Task.CompletedTask;
    }

    /// <summary>The requests, once there are so many.</summary>
    public async Task<IReadOnlyList<RequestTrace>> RequestsAsync(int count)
    {
        await Conditions.HoldsAsync(() => Task.FromResult(Requests.Count() >= count));
        return [.. Requests];
    }
}
