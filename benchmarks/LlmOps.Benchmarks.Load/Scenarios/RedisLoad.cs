using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>
/// The callers of <see cref="RedisScenario"/>, each with one request at a time: some want whole answers, others streams; half
/// of their questions are new, the others have been asked before or are being asked by others. Each answer's id says which
/// question it answers.
/// </summary>
internal sealed class RedisLoad : IAsyncDisposable
{
    private const int Askers = 140;
    private const int Streamers = 60;
    private const int Known = 500;

    /// <summary>All callers.</summary>
    public const int Callers = Askers + Streamers;

    // Slower than a machine with two cores could take: what Redis adds is looked at, and not what a queue does.
    private const int ShortestPause = 200;
    private const int LongestPause = 600;
    private const string Chunks = "chunks-40-5";

    private readonly CancellationTokenSource _stop;
    private readonly Lock _lock = new();
    private readonly StallWatch _stalls = new();
    private readonly RunningSubject _gateway;
    private readonly Task _callers;
    private CacheTally _tally = new();
    private static int _new = Known;

    private RedisLoad(RunningSubject gateway, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _gateway = gateway;
        _callers = Task.WhenAll(
        [
            .. Enumerable.Range(0, Askers).Select(_ => AskAsync()),
            .. Enumerable.Range(0, Streamers).Select(_ => StreamAsync()),
            _stalls.RunAsync(_stop.Token),
        ]);
    }

    /// <summary>The longest that the callers themselves were kept from running.</summary>
    public TimeSpan LongestStall => _stalls.Longest;

    /// <summary>When the last answer came whose request could not ask Redis, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long LastDegraded { get; private set; }

    /// <summary>Starts the callers; they go on until this is disposed.</summary>
    public static RedisLoad Start(RunningSubject gateway, CancellationToken cancellationToken) => new(gateway, cancellationToken);

    /// <summary>A question that nobody has asked yet.</summary>
    public static int NewQuestion() => Interlocked.Increment(ref _new);

    /// <summary>Asks the question and returns what was wrong with the answer; null for nothing.</summary>
    public static async Task<string?> AskAsync(Caller caller, RunningSubject gateway, int question, CancellationToken cancellationToken)
    {
        var body = Payload.NumberedBody(Echo(question), question);
        var answer = await caller.AskAsync(gateway.Request(body), cancellationToken, keepsBody: true);
        return answer.Status != 200 ? answer.Status == 0 ? "connection broken" : $"{answer.Status} {answer.ErrorCode ?? "without an error body"}"
            : !answer.IsCompletion ? "200 without a completion"
            : answer.Id != Id(question) ? "another question's answer"
            : null;
    }

    /// <summary>What happened since this was last called.</summary>
    public CacheTally Take()
    {
        lock (_lock)
        {
            var taken = _tally;
            _tally = new CacheTally();
            return taken;
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

    private static int Question() => Random.Shared.Next(2) == 0 ? NewQuestion() : Random.Shared.Next(1, Known);

    private static string Echo(int question) => string.Create(CultureInfo.InvariantCulture, $"echo-{question}");

    private static string Id(int question) => string.Create(CultureInfo.InvariantCulture, $"chatcmpl-{question}");

    private async Task AskAsync()
    {
        using var caller = new Caller(_gateway.Port);
        while (true)
        {
            await PauseAsync();
            var begun = Stopwatch.GetTimestamp();
            var fault = await AskAsync(caller, _gateway, Question(), _stop.Token);
            End(caller.Response, fault, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    private async Task StreamAsync()
    {
        using var caller = new Caller(_gateway.Port);
        while (true)
        {
            await PauseAsync();
            var (question, events) = (Question(), new EventReader());
            var (end, refusal) = await caller.StreamAsync(
                _gateway.Request(Payload.NumberedBody($"{Echo(question)} {Chunks}", question, stream: true)), events, _stop.Token);

            // A stored answer comes in other pieces than the upstream's, which have a mark each.
            var replayed = caller.Response is { IsDone: true, Status: 200, CacheStatus: "hit-memory" or "hit-redis" } && events is { HasTerminator: true, HasError: false };
            var fault = refusal is not null ? $"stream refused with {refusal.Status} {refusal.ErrorCode ?? "without an error body"}"
                : end != StreamEnd.Complete && !replayed ? $"stream {end} after {events.Marks} chunks"
                : events.Id != Id(question) ? "another question's stream"
                : null;
            End(caller.Response, fault, events.FirstEvent ?? double.NaN);
        }
    }

    private Task PauseAsync() => Task.Delay(Random.Shared.Next(ShortestPause, LongestPause), _stop.Token);

    private void End(ResponseParser? response, string? fault, double milliseconds)
    {
        lock (_lock)
        {
            var degraded = response?.Degraded == "redis";
            LastDegraded = degraded ? Stopwatch.GetTimestamp() : LastDegraded;
            if (fault is null)
            {
                _tally.Answered(response?.CacheStatus, degraded, milliseconds);
            }
            else
            {
                _tally.HasFailed(fault);
            }
        }
    }
}
