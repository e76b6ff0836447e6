using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>How long a request waits for another's call: that has the other's time, and whoever waits its own.</summary>
internal sealed class CallerLimit : IDisposable
{
    private readonly GatewayRequest _request;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _either;

    public CallerLimit(GatewayRequest request, TimeProvider time, CancellationToken caller)
    {
        (_request, _clock, _caller) = (request, time, caller);
        _time = new CancellationTokenSource(Left > TimeSpan.Zero ? Left : TimeSpan.Zero, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, request.Stopping, _time.Token);
    }

    /// <summary>Cancelled when the caller has left, its time is over, or the gateway stops.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether at least half of its time is left: so that of many who wait for a provider that hangs, not each makes a call of its own in the end.</summary>
    public bool MayBeginAnew => Left >= _request.Timeout / 2;

    private TimeSpan Left => _request.Timeout - _clock.GetElapsedTime(_request.StartedAt);

    /// <summary>What a caller is told for an exception: that its own time was over, or that of the call which it shared; else the same.</summary>
    public Exception Told(Exception exception) => exception switch
    {
        OperationCanceledException when _time.IsCancellationRequested && !_caller.IsCancellationRequested && !_request.Stopping.IsCancellationRequested =>
            new GatewayException(ErrorCode.DeadlineExceeded, $"There was no complete answer within the request's {_request.Timeout.TotalSeconds:0.###} s.", innerException: exception),
        GatewayException late when late.Error == ErrorCode.DeadlineExceeded =>
            new GatewayException(ErrorCode.DeadlineExceeded, "There was no complete answer within the time of the identical request whose call this one shared.", innerException: exception),
        _ => exception,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _time.Dispose();
    }
}
