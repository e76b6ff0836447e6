using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// OpenTelemetry over OTLP, when its own environment variables ask for it. Stands in for
/// OpenTelemetry.Extensions.Hosting: it builds the providers and ties them to the host's life.
/// </summary>
public static class Telemetry
{
    /// <summary>Every source and meter of ours begins so.</summary>
    private const string OwnSources = "LlmOps*";

    internal static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var (traces, metrics, logs) = (Wanted(builder, "TRACES"), Wanted(builder, "METRICS"), Wanted(builder, "LOGS"));
        if (!traces && !metrics && !logs)
        {
            return;
        }

        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before the application's name.
        var resource = ResourceBuilder.CreateDefault();
        if (builder.Configuration["OTEL_SERVICE_NAME"] is not { Length: > 0 })
        {
            resource.AddService(builder.Environment.ApplicationName);
        }

        if (logs)
        {
            builder.Logging.AddOpenTelemetry(options =>
            {
                options.IncludeFormattedMessage = true;
                options.IncludeScopes = true;
                options.SetResourceBuilder(resource).AddOtlpExporter();
            });
        }

        builder.Services.AddHostedService(services => new Exporters(
            () => !traces ? null : Exported(
                Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(OwnSources, "Microsoft.AspNetCore", "System.Net.Http"), services).Build(),
            () => !metrics ? null : Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
                .AddMeter(OwnSources, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime").AddOtlpExporter().Build()));
    }

    /// <summary>Whether traces are exported.</summary>
    public static bool ExportsTraces(this IHostApplicationBuilder builder) => Wanted(builder, "TRACES");

    // A service may bring the processor that its spans are exported by.
    private static TracerProviderBuilder Exported(TracerProviderBuilder traces, IServiceProvider services) =>
        services.GetService<BaseProcessor<Activity>>() is { } own ? traces.AddProcessor(own) : traces.AddOtlpExporter();

    private static bool Wanted(IHostApplicationBuilder builder, string signal) =>
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } || builder.Configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 };

    /// <summary>Starts the exporters with the host; disposing them at its end sends what is still queued.</summary>
    private sealed class Exporters(Func<TracerProvider?> tracers, Func<MeterProvider?> meters) : IHostedService, IDisposable
    {
        private TracerProvider? _tracers;
        private MeterProvider? _meters;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            (_tracers, _meters) = (tracers(), meters());
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
            _tracers?.Dispose();
            _meters?.Dispose();
        }
    }
}
