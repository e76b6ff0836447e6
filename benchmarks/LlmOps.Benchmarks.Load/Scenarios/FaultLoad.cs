using System.Diagnostics;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>
/// The callers of <see cref="FaultsScenario"/>, each with one request at a time: most want whole answers, others streams,
/// some leave while they wait, and some in the middle of a stream.
/// </summary>
internal sealed class FaultLoad : IAsyncDisposable
{
    private const int Askers = 100;
    private const int Streamers = 60;
    private const int LeaveWaiting = 20;
    private const int LeaveMidway = 20;

    /// <summary>All callers.</summary>
    public const int Callers = Askers + Streamers + LeaveWaiting + LeaveMidway;

    // Slower than a machine with two cores could take, for it is failures that are looked at and not rates; and not all
    // alike, or those who were answered together would come again together, and leave to the others what lies between.
    private const int ShortestDelay = 100;
    private const int LongestDelay = 200;

    // So long that who leaves has left before, and that nobody answers before it is seen.
    private const string Late = "delay-1000";
    private const int MarksBeforeLeaving = 5;
    private const int ShortestWait = 20;
    private const int LongestWait = 120;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop;
    private readonly Lock _lock = new();
    private readonly StallWatch _stalls = new();
    private readonly RunningSubject _gateway;
    private readonly string _model;
    private readonly Dictionary<int, long> _left = [];
    private readonly Task _callers;
    private FaultTally _tally = new(mayCut: false);
    private TaskCompletionSource<long>? _servedAgain;
    private long _servedSince;
    private int _inFlight;
    private int _leaver;
    private long _begun;

    private FaultLoad(RunningSubject gateway, string model, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _gateway = gateway;
        _model = model;
        _callers = Task.WhenAll(
        [
            .. Enumerable.Range(0, Askers).Select(_ => AskAsync()),
            .. Enumerable.Range(0, Streamers).Select(_ => StreamAsync()),
            .. Enumerable.Range(0, LeaveWaiting).Select(caller => LeaveWaitingAsync(streams: caller % 2 == 0)),
            .. Enumerable.Range(0, LeaveMidway).Select(_ => LeaveMidwayAsync()),
            _stalls.RunAsync(_stop.Token),
        ]);
    }

    /// <summary>Requests on their way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Requests so far.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>The longest that the callers themselves were kept from running: what others took of the machine, at least.</summary>
    public TimeSpan LongestStall => _stalls.Longest;

    /// <summary>Starts the callers; they go on until this is disposed.</summary>
    public static FaultLoad Start(RunningSubject gateway, string model, CancellationToken cancellationToken) => new(gateway, model, cancellationToken);

    /// <summary>What ended since this was last called.</summary>
    /// <param name="mayCut">Whether streams of the primary may be cut from now on.</param>
    public FaultTally Take(bool mayCut)
    {
        lock (_lock)
        {
            var taken = _tally;
            _tally = new FaultTally(mayCut);
            return taken;
        }
    }

    /// <summary>When the primary has answered a request that begins from now on, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public Task<long> ServedAgainAsync()
    {
        lock (_lock)
        {
            _servedSince = Stopwatch.GetTimestamp();
            _servedAgain = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _servedAgain.Task;
        }
    }

    /// <summary>When each request that was left by its caller since then was, as a timestamp of <see cref="Stopwatch"/>; by the request's number.</summary>
    public Dictionary<int, long> LeftSince(long since)
    {
        lock (_lock)
        {
            return _left.Where(request => request.Value >= since).ToDictionary();
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
        using var caller = new Caller(_gateway.Port);
        while (true)
        {
            var begun = Begin();
            var answer = await caller.AskAsync(_gateway.Request(Payload.Body(Usual(), _model)), _stop.Token, keepsBody: true);
            await EndAsync(begun, caller.Response, answer);
        }
    }

    private async Task StreamAsync()
    {
        using var caller = new Caller(_gateway.Port);
        while (true)
        {
            var (begun, events) = (Begin(), new EventReader());
            var (end, refusal) = await caller.StreamAsync(_gateway.Request(Payload.StreamBody(Usual(), _model)), events, _stop.Token);
            await EndAsync(begun, caller.Response, end, refusal, events.Marks);
        }
    }

    private async Task LeaveMidwayAsync()
    {
        using var caller = new Caller(_gateway.Port);
        while (true)
        {
            var number = Interlocked.Increment(ref _leaver);
            var (begun, events) = (Begin(), new EventReader());
            var (end, refusal) = await caller.StreamAsync(_gateway.Request(Payload.StreamBody($"{Usual()} leaver-{number}", _model)), events, _stop.Token, MarksBeforeLeaving);
            if (end == StreamEnd.Left)
            {
                await LeaveAsync(number, caller);
            }
            else
            {
                await EndAsync(begun, caller.Response, end, refusal, events.Marks);
            }
        }
    }

    private async Task LeaveWaitingAsync(bool streams)
    {
        using var caller = new Caller(_gateway.Port);
        while (true)
        {
            var number = Interlocked.Increment(ref _leaver);
            var user = $"{Late} leaver-{number}";
            using var leaves = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            leaves.CancelAfter(Random.Shared.Next(ShortestWait, LongestWait));
            var begun = Begin();
            try
            {
                if (streams)
                {
                    var events = new EventReader();
                    var (end, refusal) = await caller.StreamAsync(_gateway.Request(Payload.StreamBody(user, _model)), events, leaves.Token);
                    await EndAsync(begun, caller.Response, end, refusal, events.Marks);
                }
                else
                {
                    var answer = await caller.AskAsync(_gateway.Request(Payload.Body(user, _model)), leaves.Token, keepsBody: true);
                    await EndAsync(begun, caller.Response, answer);
                }
            }
            catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
            {
                await LeaveAsync(number, caller);
            }
        }
    }

    private static string Usual() => $"delay-{Random.Shared.Next(ShortestDelay, LongestDelay)}";

    private long Begin()
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _begun);
        return Stopwatch.GetTimestamp();
    }

    private Task LeaveAsync(int number, Caller caller)
    {
        Interlocked.Decrement(ref _inFlight);
        lock (_lock)
        {
            _tally.HasLeft(caller.Response);
            _left[number] = caller.LeftAt;
        }

        return Task.Delay(Pause, _stop.Token);
    }

    private Task EndAsync(long begun, ResponseParser? response, Answer answer)
    {
        Interlocked.Decrement(ref _inFlight);
        lock (_lock)
        {
            if (answer.Status == 200 && answer.IsCompletion)
            {
                Answered(begun, response);
                return Task.CompletedTask;
            }

            _tally.HasFailed(response, answer.Status == 200 ? "200 without a completion" : NameOf(answer));
        }

        return Task.Delay(Pause, _stop.Token);
    }

    private Task EndAsync(long begun, ResponseParser? response, StreamEnd end, Answer? refusal, int marks)
    {
        Interlocked.Decrement(ref _inFlight);
        lock (_lock)
        {
            if (end == StreamEnd.Complete)
            {
                Answered(begun, response);
                return Task.CompletedTask;
            }

            if (refusal is not null)
            {
                _tally.HasFailed(response, NameOf(refusal));
            }
            else
            {
                _tally.WasCut(response, end, marks);
            }
        }

        return Task.Delay(Pause, _stop.Token);
    }

    private void Answered(long begun, ResponseParser? response)
    {
        _tally.Answered(response);
        if (begun >= _servedSince && response?.Provider == FaultsScenario.Primary)
        {
            _servedAgain?.TrySetResult(Stopwatch.GetTimestamp());
        }
    }

    private static string NameOf(Answer answer) => answer.Status == 0 ? "connection broken" : $"{answer.Status} {answer.ErrorCode ?? "without an error body"}";
}
