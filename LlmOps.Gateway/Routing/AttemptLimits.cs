namespace LlmOps.Gateway.Routing;

/// <summary>
/// The clock of one attempt. It has one cancellation token and moves through phases, each with its own limit:
/// waiting for headers, for the first content, for the next chunk; the total holds throughout, and so does what is left of
/// the request's time. Its token is the one place where the caller's leaving, the gateway's stopping and the limits meet.
/// </summary>
internal sealed class AttemptLimits : IDisposable
{
    private readonly RoutingOptions _limits;
    private readonly TimeProvider _time;
    private readonly TimeSpan _total;
    private readonly long _startedAt;
    private readonly CancellationToken _caller;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly CancellationTokenRegistration _stoppingRegistration;
    private readonly bool _streaming;
    private string? _phase;
    private TimeSpan _phaseLimit;

    /// <param name="limits">How long each phase may take.</param>
    /// <param name="left">What is left of the request's time.</param>
    /// <param name="streaming">Whether the answer is a stream.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">Cancelled when the caller leaves.</param>
    /// <param name="stopping">Cancelled when the gateway stops and the time to finish is over.</param>
    public AttemptLimits(RoutingOptions limits, TimeSpan left, bool streaming, TimeProvider time, CancellationToken caller, CancellationToken stopping)
    {
        _limits = limits;
        _time = time;
        _streaming = streaming;
        _total = left < limits.TotalTimeout ? left : limits.TotalTimeout;
        EndsWithRequest = left < limits.TotalTimeout;
        _startedAt = time.GetTimestamp();
        _caller = caller;
        _stopping = stopping;
        _source = streaming ? Started("no response headers", limits.HeaderTimeout) : Started(null, _total);
        _callerRegistration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _stoppingRegistration = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Cancelled when a limit is reached, when the caller has left, or when the gateway stops and the time to finish is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether a limit ended the attempt.</summary>
    public bool Expired => _source.IsCancellationRequested && !_caller.IsCancellationRequested && !_stopping.IsCancellationRequested;

    /// <summary>Whether the limit that ended it, or comes next, is the end of the request's time: no fault of the provider's.</summary>
    public bool EndedWithRequest => EndsWithRequest && _phase is null;

    /// <summary>Whether the limit that ended it, or comes next, is one on the provider's silence.</summary>
    public bool EndedBySilence => _phase is not null;

    /// <summary>Which limit ended the attempt, in words for the caller.</summary>
    public string Reason => $"{_phase ?? "not complete"} within {_phaseLimit.TotalSeconds:0.###} s";

    private bool EndsWithRequest { get; }

    /// <summary>The provider's response headers have arrived.</summary>
    public void HeadersReceived()
    {
        if (_streaming)
        {
            Enter("no content", _limits.FirstChunkTimeout);
        }

        // Otherwise some servers send the headers first and the body when the model is done: the total goes on.
    }

    /// <summary>A piece of a body that is not streamed has arrived.</summary>
    public void BodyReceived() => Enter("the body went silent: nothing more", _limits.InterChunkTimeout);

    /// <summary>The provider is waited for again, after content.</summary>
    public void AwaitNextChunk() => Enter("the stream went silent: nothing more", _limits.InterChunkTimeout);

    /// <summary>The caller is busy with a chunk: a slow reader must not count as a silent provider.</summary>
    public void Pause() => Enter(null, _total);

    /// <summary>Ends the attempt: nobody wants its answer any more.</summary>
    public void Cancel() => _source.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _callerRegistration.Dispose();
        _stoppingRegistration.Dispose();
        _source.Dispose();
    }

    private CancellationTokenSource Started(string? phase, TimeSpan limit) => new(Next(phase, limit, _total), _time);

    private void Enter(string? phase, TimeSpan limit)
    {
        // Once a limit has ended the attempt, it stays the reason.
        if (!_source.IsCancellationRequested)
        {
            _source.CancelAfter(Next(phase, limit, _total - _time.GetElapsedTime(_startedAt)));
        }
    }

    private TimeSpan Next(string? phase, TimeSpan limit, TimeSpan left)
    {
        (_phase, _phaseLimit) = phase is not null && limit < left ? (phase, limit) : (null, _total);
        return limit < left ? limit : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
