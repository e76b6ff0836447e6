using System.Globalization;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>The callers of <see cref="KillsScenario"/>, who remember which of their requests they saw finished.</summary>
internal sealed class KillLoad
{
    private const int Askers = 24;
    private const int Streamers = 8;
    private const string Chunks = "chunks-40-5";

    private readonly Lock _lock = new();
    private long _asked;

    /// <summary>All callers.</summary>
    public const int Callers = Askers + Streamers;

    /// <summary>The X-Request-ID of the whole answers that were seen to their end.</summary>
    public HashSet<string> Answers { get; } = [];

    /// <summary>The same of streams, with their [DONE].</summary>
    public HashSet<string> Streams { get; } = [];

    /// <summary>Requests that were not seen to their end.</summary>
    public int Cut { get; private set; }

    /// <summary>Asks until some time is over, kills the gateway, and waits until all callers have noticed.</summary>
    public async Task RunAsync(RunningSubject gateway, TimeSpan life, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource();
        var callers = Task.WhenAll(
        [
            .. Enumerable.Range(0, Askers).Select(_ => CallAsync(gateway, isStream: false, over.Token)),
            .. Enumerable.Range(0, Streamers).Select(_ => CallAsync(gateway, isStream: true, over.Token)),
        ]);
        await Task.Delay(life, cancellationToken);
        gateway.Process.Dispose();
        await over.CancelAsync();
        await callers;
    }

    // Who is cut asks no more: the process is gone.
    private async Task CallAsync(RunningSubject gateway, bool isStream, CancellationToken over)
    {
        using var caller = new Caller(gateway.Port);
        var events = new EventReader();
        var isWhole = true;
        while (isWhole && !over.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _asked);
            var id = string.Create(CultureInfo.InvariantCulture, $"kill-{number}");
            var request = Payload.Request(gateway.Port, [.. gateway.Headers, $"X-Request-ID: {id}"], Payload.NumberedBody(isStream ? Chunks : Payload.AtOnce, number, isStream));
            isWhole = isStream
                ? (await caller.StreamAsync(request, events, CancellationToken.None)).End == StreamEnd.Complete
                : await caller.AskAsync(request, CancellationToken.None, keepsBody: true) is { Status: 200, IsCompletion: true };
            lock (_lock)
            {
                if (isWhole)
                {
                    (isStream ? Streams : Answers).Add(id);
                }
                else
                {
                    Cut++;
                }
            }
        }
    }
}
