using LlmOps.Gateway.Configuration;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LlmOps.Gateway.Telemetry.Metrics;

/// <summary>Gathers metrics for GET /metrics, from the same instruments that OTLP has them of.</summary>
internal sealed class PrometheusMetrics(GatewayConfiguration configuration) : IHostedService, IDisposable
{
    private readonly Lock _lock = new();
    private readonly PrometheusText _text = new();
    private Task<(MeterProvider Provider, BaseExportingMetricReader Reader)?> _gathering = Task.FromResult<(MeterProvider, BaseExportingMetricReader)?>(null);

    /// <summary>All metrics at this moment; null where none are gathered.</summary>
    public async Task<string?> CollectAsync(CancellationToken cancellationToken)
    {
        if (await _gathering.WaitAsync(cancellationToken) is not { } gathering)
        {
            return null;
        }

        lock (_lock)
        {
            gathering.Reader.Collect();
            return _text.Text;
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The gateway's start does not wait for it; where it fails, whoever asks for metrics is told.
        _gathering = configuration.Current.Options.Telemetry.Metrics ? Task.Run(() => Gather(), CancellationToken.None) : _gathering;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_gathering is { IsCompletedSuccessfully: true, Result: { } gathering })
        {
            gathering.Provider.Dispose();
        }

        _text.Dispose();
    }

    private (MeterProvider Provider, BaseExportingMetricReader Reader)? Gather()
    {
        // The provider disposes it.
        var reader = new BaseExportingMetricReader(_text) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
        return (Sdk.CreateMeterProviderBuilder().AddMeter(TelemetryNames.Source, "System.Runtime").AddReader(reader).Build(), reader);
    }
}
