using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>Removes traces that are too old, or too many, in the background; on all replicas alike, as what one has removed is gone for the others.</summary>
internal sealed partial class TraceRetention(TraceTables tables, GatewayConfiguration configuration, TimeProvider time, ILogger<TraceRetention> logger) : BackgroundService
{
    // A tenth of the time, so that requests and what is written have the rest.
    private const int RestPerWork = 9;
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Looks = TimeSpan.FromSeconds(10);

    /// <summary>Removes some.</summary>
    /// <returns>Whether there may be more to remove now.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var options = configuration.Current.Options.Telemetry.Traces;
        try
        {
            return await tables.DeleteSomeAsync(time.GetUtcNow() - options.Retention, options.MaxBytes, cancellationToken);
        }
        catch (DatabaseException exception) when (!exception.IsRefused)
        {
            // Whoever writes traces tells that it is away; later there is more to remove.
            return false;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Looks;
            try
            {
                var startedAt = time.GetTimestamp();
                if (await RunAsync(stoppingToken))
                {
                    var wanted = time.GetElapsedTime(startedAt) * RestPerWork;
                    rest = wanted < LongestRest ? wanted : LongestRest;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // It must not end: what is kept would grow without bound.
                LogFailed(exception);
            }

            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Error, "Old traces could not be removed; it is tried again.")]
    private partial void LogFailed(Exception exception);
}
