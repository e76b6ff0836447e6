using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>All sinks that are configured, each with a delivery of its own, so that none waits for another.</summary>
internal sealed partial class Sinks : BackgroundService
{
    private readonly DeliveryOptions _options;
    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger<Sinks> _logger;
    private readonly SinkMetrics _metrics;

    public Sinks(
        IEnumerable<SinkSource> sources, IServiceProvider services, GatewayConfiguration configuration, DataFolder folder, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _folder, _time, _loggers) = (configuration.Current.Options.Telemetry.Delivery, folder, time, loggers);
        _logger = loggers.CreateLogger<Sinks>();
        All = [.. sources.Select(source => source.Make(services)).OfType<ISink>().Select(Delivery)];
        OfRequests = [.. All.Where(delivery => delivery.TakesRequests)];
        _metrics = new SinkMetrics(All);
        folder.Adopting += Adopt;
    }

    /// <summary>The deliveries.</summary>
    public IReadOnlyList<SinkDelivery> All { get; }

    /// <summary>Those of them that requests are traced for.</summary>
    public IReadOnlyList<SinkDelivery> OfRequests { get; }

    /// <summary>Whether anybody would take another request.</summary>
    public bool HaveRoom
    {
        get
        {
            foreach (var delivery in OfRequests)
            {
                if (delivery.HasRoom)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Gives an event to all that take it; it neither waits nor fails.</summary>
    public void Publish(TelemetryEvent telemetry)
    {
        foreach (var delivery in All)
        {
            delivery.Offer(telemetry);
        }
    }

    /// <summary>A request was not traced, as nobody had room for it.</summary>
    public void Missed()
    {
        foreach (var delivery in OfRequests)
        {
            delivery.Missed();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _folder.Adopting -= Adopt;
        _metrics.Dispose();
        foreach (var delivery in All)
        {
            delivery.Dispose();
        }

        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(All.Select(delivery => Task.Run(() => delivery.RunAsync(_options.ShutdownTimeout, stoppingToken), CancellationToken.None)));

    private SinkDelivery Delivery(ISink sink) => new(sink, _options, sink.TakesRequests ? SpoolOf(sink.Name) : null, _time, _loggers.CreateLogger<SinkDelivery>());

    private Spool? SpoolOf(string name)
    {
        if (_options.SpoolBytes == 0)
        {
            return null;
        }

        var path = Path.Combine(_folder.Own, Spool.FolderName, name);
        try
        {
            return new Spool(path, _options.SpoolBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNoSpool(path, exception.Message);
            return null;
        }
    }

    // Before what a process that is gone has left is removed.
    private void Adopt(string folder)
    {
        foreach (var delivery in All)
        {
            delivery.Adopt(Path.Combine(folder, Spool.FolderName, delivery.Name));
        }
    }

    [LoggerMessage(LogLevel.Error, "The folder {Path} cannot be used ({Reason}): telemetry waits in memory alone.")]
    private partial void LogNoSpool(string path, string reason);
}

/// <summary>Makes a sink, where it is configured.</summary>
/// <param name="Make">From the gateway's services; null where it is not configured.</param>
internal sealed record SinkSource(Func<IServiceProvider, ISink?> Make);
