using LlmOps.Gateway.Configuration;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Redis;

/// <summary>Registers Redis, or that there is none.</summary>
internal static class RedisRegistration
{
    public static IServiceCollection AddGatewayRedis(this IServiceCollection services)
    {
        services.AddSingleton<IRedis>(provider =>
            RedisSettings.Read(provider.GetRequiredService<GatewayConfiguration>().Current.Options.Redis, faults: []) is { } settings
                ? ActivatorUtilities.CreateInstance<RedisClient>(provider, settings)
                : new NoRedis());
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, RedisHealth>().AddSingleton<IDependencyProbe, RedisHealth>();
        services.AddHostedService<Start>();
        return services;
    }

    // Connecting goes on in the background from here on; the gateway does not wait for it.
#pragma warning disable CS9113 // The parameter is the purpose: it makes the client.
    private sealed class Start(IRedis redis) : IHostedService
#pragma warning restore CS9113
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
