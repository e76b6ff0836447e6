using System.Diagnostics;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Judge;
using LlmOps.Gateway.Telemetry.Kafka;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Gateway.Telemetry.Metrics;
using LlmOps.Gateway.Telemetry.MLflow;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace LlmOps.Gateway.Telemetry;

/// <summary>Registers what notes and tells what happened.</summary>
internal static class TelemetryRegistration
{
    public static IServiceCollection AddGatewayTelemetry(this IServiceCollection services) => services
        .AddSink((provider, options) => TraceStoreSink.Create(options, provider.GetRequiredService<IDatabase>()))
        .AddSink((provider, options) => MLflowSink.Create(options, MLflowFacts.Of(provider.GetRequiredService<GatewayConfiguration>().Current), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MLflowSink>>()))
        .AddSink((provider, options) => LangfuseSink.Of(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LangfuseSink>>()))
        .AddSink((_, options) => KafkaSink.Create(options))
        .AddSink((provider, options) => FileSink.Create(options, provider.GetRequiredService<IConfiguration>()["Logging:File:Path"]))
        .AddTraceStore()
        .AddSingleton<RequestLog>()
        .AddSingleton<RequestStatistics>()
        .AddSingleton<TraceBuilder>()
        .AddSingleton<RequestTelemetry>()
        .AddSingleton<PrometheusMetrics>()
        .AddHostedService(provider => provider.GetRequiredService<PrometheusMetrics>())
        .AddSingleton<IHealthCheckPublisher, DependencyMetrics>()
        .AddSingleton<OnlineJudge>()
        .AddHostedService(provider => provider.GetRequiredService<OnlineJudge>())
        .AddSingleton<Sinks>()
        .AddHostedService(provider => provider.GetRequiredService<Sinks>())
        .AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, SinkHealth>();

    /// <summary>Has spans exported by the delivery of all sinks, where OpenTelemetry's variables ask for traces.</summary>
    public static void AddGatewayTraceExport(this IHostApplicationBuilder builder)
    {
        if (builder.ExportsTraces())
        {
            builder.Services
                .AddSingleton<OtlpSpanExporter>()
                .AddSingleton<BaseProcessor<Activity>, OtlpSpanProcessor>()
                .AddSink((provider, _) => new OtlpSink(provider.GetRequiredService<OtlpSpanExporter>()));
        }
    }

    private static IServiceCollection AddSink(this IServiceCollection services, Func<IServiceProvider, TelemetryOptions, ISink?> make) =>
        services.AddSingleton(new SinkSource(provider => make(provider, provider.GetRequiredService<GatewayConfiguration>().Current.Options.Telemetry)));
}
