namespace LlmOps.Gateway.Routing;

/// <summary>
/// The clock of one attempt. It has one cancellation token and moves through phases, each with its own limit:
/// waiting for headers, for the first content, for the next chunk; the total holds throughout.
/// Its token is the one place where the caller's leaving, the gateway's stopping and the limits meet.
/// </summary>
internal sealed class AttemptLimits : IDisposable
{
    private readonly RoutingOptions _limits;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly CancellationToken _caller;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly CancellationTokenRegistration _stoppingRegistration;
    private readonly bool _streaming;
    private string _phase = "";
    private TimeSpan _phaseLimit;

    public AttemptLimits(RoutingOptions limits, bool streaming, TimeProvider time, CancellationToken caller, CancellationToken stopping)
    {
        _limits = limits;
        _time = time;
        _streaming = streaming;
        _startedAt = time.GetTimestamp();
        _caller = caller;
        _stopping = stopping;
        _source = streaming ? Started("no response headers", limits.HeaderTimeout) : Started(null, limits.TotalTimeout);
        _callerRegistration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _stoppingRegistration = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Cancelled when a limit is reached, when the caller has left, or when the gateway stops and the time to finish is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether a limit ended the attempt.</summary>
    public bool Expired => _source.IsCancellationRequested && !_caller.IsCancellationRequested && !_stopping.IsCancellationRequested;

    /// <summary>Which limit ended the attempt, in words for the caller.</summary>
    public string Reason => $"{_phase} within {_phaseLimit.TotalSeconds:0.###} s";

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
    public void Pause() => Enter(null, _limits.TotalTimeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        _callerRegistration.Dispose();
        _stoppingRegistration.Dispose();
        _source.Dispose();
    }

    private CancellationTokenSource Started(string? phase, TimeSpan limit) => new(Next(phase, limit, _limits.TotalTimeout), _time);

    private void Enter(string? phase, TimeSpan limit) =>
        _source.CancelAfter(Next(phase, limit, _limits.TotalTimeout - _time.GetElapsedTime(_startedAt)));

    private TimeSpan Next(string? phase, TimeSpan limit, TimeSpan left)
    {
        (_phase, _phaseLimit) = phase is not null && limit < left
            ? (phase, limit)
            : ("not complete", _limits.TotalTimeout);
        return limit < left ? limit : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
