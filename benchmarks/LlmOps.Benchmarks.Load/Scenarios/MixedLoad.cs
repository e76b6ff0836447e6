using System.Diagnostics;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>A steady mix of callers: some want whole answers, some streams, and some leave in the middle of a stream.</summary>
internal sealed class MixedLoad : IAsyncDisposable
{
    private const int LeavesAfter = 10;

    // As long as an answer takes: who is refused at once asks no more often than who is answered.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    private readonly CancellationTokenSource _stop;
    private readonly Lock _lock = new();
    private readonly int _port;
    private readonly byte[] _request;
    private readonly byte[] _streamRequest;
    private readonly Task _callers;
    private Period _period = new();
    private long? _firstAnswer;

    private MixedLoad(RunningSubject subject, int callers, int streams, int leavers, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _port = subject.Port;
        _request = subject.Request(Payload.Body(Payload.Delayed));
        _streamRequest = subject.Request(Payload.StreamBody());
        _callers = Task.WhenAll(
        [
            .. Enumerable.Range(0, callers).Select(_ => AskAsync()),
            .. Enumerable.Range(0, streams).Select(_ => StreamAsync(int.MaxValue)),
            .. Enumerable.Range(0, leavers).Select(_ => StreamAsync(LeavesAfter)),
        ]);
    }

    /// <summary>Starts the callers; they go on until this is disposed.</summary>
    public static MixedLoad Start(RunningSubject subject, int callers, int streams, int leavers, CancellationToken cancellationToken) =>
        new(subject, callers, streams, leavers, cancellationToken);

    /// <summary>What happened since this was last called.</summary>
    public Period Take()
    {
        lock (_lock)
        {
            var taken = _period;
            _period = new Period();
            return taken;
        }
    }

    /// <summary>Notes the next answer.</summary>
    public void Watch()
    {
        lock (_lock)
        {
            _firstAnswer = null;
        }
    }

    /// <summary>When the first answer since <see cref="Watch"/> came, as a timestamp of <see cref="Stopwatch"/>; null if none did.</summary>
    public long? FirstAnswer
    {
        get
        {
            lock (_lock)
            {
                return _firstAnswer;
            }
        }
    }

    /// <summary>Ends the callers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _callers;
        }
        catch (OperationCanceledException)
        {
            // As asked for.
        }

        _stop.Dispose();
    }

    private async Task AskAsync()
    {
        using var caller = new Caller(_port);
        while (true)
        {
            var begun = Stopwatch.GetTimestamp();
            var answer = await caller.AskAsync(_request, _stop.Token);
            lock (_lock)
            {
                if (answer.Status == 200)
                {
                    _period.Latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                    _firstAnswer ??= Stopwatch.GetTimestamp();
                }
                else
                {
                    _period.AddError(answer);
                }
            }

            if (answer.Status != 200)
            {
                await Task.Delay(Pause, _stop.Token);
            }
        }
    }

    private async Task StreamAsync(int staysFor)
    {
        using var caller = new Caller(_port);
        while (true)
        {
            // A reader for each stream, for it keeps every time that it took.
            var (end, refusal) = await caller.StreamAsync(_streamRequest, new EventReader(), _stop.Token, staysFor);
            lock (_lock)
            {
                _period.Streams[end] = _period.Ended(end) + 1;
                if (refusal is not null)
                {
                    _period.AddError(refusal);
                }
            }

            if (end is not (StreamEnd.Complete or StreamEnd.Left))
            {
                await Task.Delay(Pause, _stop.Token);
            }
        }
    }
}
