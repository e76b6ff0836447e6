using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmOps.ServiceDefaults;

/// <summary>What every service shares: logs, OpenTelemetry, health endpoints, an orderly end.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds logs, OpenTelemetry when its variables are set, health checks and draining.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddLogs();
        builder.AddTelemetry();
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<HealthHistory>().AddSingleton<IHealthCheckPublisher>(services => services.GetRequiredService<HealthHistory>());
        builder.Services.Configure<HealthCheckPublisherOptions>(publishing => publishing.Period = HealthHistory.Period);

        // It logs what is amiss at every probe. Whoever has a state tells each change of it, once.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddSingleton<RequestDrain>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RequestDrain>());

        // A moment more than the drain, so that the server is not stopped while it drains.
        builder.Services.AddSingleton<IConfigureOptions<HostOptions>>(services => new ConfigureOptions<HostOptions>(host =>
        {
            var drain = services.GetRequiredService<IOptions<ServiceDefaultsOptions>>().Value;
            host.ShutdownTimeout = drain.DrainDelay + drain.DrainTimeout + TimeSpan.FromSeconds(2);
        }));
        return builder;
    }

    /// <summary>Counts the requests in flight, so that they can be drained.</summary>
    public static WebApplication UseRequestDrain(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<RequestDrain>().CountAsync);
        return app;
    }

    /// <summary>Maps /health, /system/health, /health/ready and /alive.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthEndpoints();
        return app;
    }
}
