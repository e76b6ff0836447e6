using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// The orderly end: from the signal to stop on, readiness says no, while the server goes on: first as before, for balancers that
/// have not noticed yet, then until the requests in flight are done or the time for it is over.
/// </summary>
public sealed partial class RequestDrain : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    private readonly ServiceDefaultsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RequestDrain> _logger;
    private readonly CancellationTokenSource _expired = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _started;
    private volatile bool _stopping;
    private volatile bool _draining;
    private int _inFlight;

    /// <summary>Follows the life of the host.</summary>
    public RequestDrain(
        IHostApplicationLifetime lifetime, IOptions<ServiceDefaultsOptions> options, TimeProvider time, ILogger<RequestDrain> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        lifetime.ApplicationStarted.Register(() => _started = true);
        lifetime.ApplicationStopping.Register(() => _stopping = true);
    }

    /// <summary>Whether new requests are welcome.</summary>
    public bool Ready => _started && !_stopping;

    /// <summary>Cancelled when the time for requests in flight is over.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Middleware that counts the requests in flight.</summary>
    internal Task CountAsync(HttpContext http, RequestDelegate next)
    {
        Interlocked.Increment(ref _inFlight);

        // Whatever becomes of it; a method that awaits it would cost every request an object.
        http.Response.OnCompleted(static drain => ((RequestDrain)drain).Leave(), this);
        return next(http);
    }

    private Task Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && _draining)
        {
            _idle.TrySetResult();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        if (_options.DrainDelay > TimeSpan.Zero)
        {
            LogDelaying(_options.DrainDelay);
            await Task.Delay(_options.DrainDelay, _time, cancellationToken);
        }

        _draining = true;

        // Whoever leaves last either sees that, or is seen to have left.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _inFlight) == 0)
        {
            return;
        }

        LogDraining(_inFlight, _options.DrainTimeout);
        try
        {
            await _idle.Task.WaitAsync(_options.DrainTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogGivenUp(_inFlight);
            await _expired.CancelAsync();
            await GoodbyeAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _expired.Dispose();

    // The cancelled requests tell their callers; that takes a moment, no more.
    private async Task GoodbyeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _idle.Task.WaitAsync(Goodbye, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // A caller that does not read is cut off by the server.
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Stopping: new requests are still served for {Delay}.")]
    private partial void LogDelaying(TimeSpan delay);

    [LoggerMessage(LogLevel.Information, "Stopping: {InFlight} requests in flight have up to {Timeout} to finish.")]
    private partial void LogDraining(int inFlight, TimeSpan timeout);

    [LoggerMessage(LogLevel.Warning, "Stopping: {InFlight} requests were not done in time and are cut off.")]
    private partial void LogGivenUp(int inFlight);
}
