using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// The orderly end: from the signal to stop on, readiness says no, while the server goes on until the requests in
/// flight are done or the time for it is over.
/// </summary>
internal sealed partial class RequestDrain : IHostedLifecycleService
{
    private readonly ServiceDefaultsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RequestDrain> _logger;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _started;
    private volatile bool _stopping;
    private int _inFlight;

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

    /// <summary>Middleware that counts the requests in flight.</summary>
    public async Task CountAsync(HttpContext http, RequestDelegate next)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            await next(http);
        }
        finally
        {
            if (Interlocked.Decrement(ref _inFlight) == 0 && _stopping)
            {
                _idle.TrySetResult();
            }
        }
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
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

    [LoggerMessage(LogLevel.Information, "Stopping: {InFlight} requests in flight have up to {Timeout} to finish.")]
    private partial void LogDraining(int inFlight, TimeSpan timeout);

    [LoggerMessage(LogLevel.Warning, "Stopping: {InFlight} requests were not done in time and are cut off.")]
    private partial void LogGivenUp(int inFlight);
}
