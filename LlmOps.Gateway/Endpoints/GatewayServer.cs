using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using LlmOps.ServiceDefaults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Sets up the web server: where it listens and what it takes in.</summary>
internal static class GatewayServer
{
    // As large as MaxBodyBytes may be set, now or by a reload.
    private const long MostReadBytes = 1024 * 1024 * 1024;

    /// <summary>Reads what must be known before the server is built; these settings take a restart.</summary>
    /// <exception cref="ConfigurationException">One of them is faulty.</exception>
    public static void AddGatewayServer(this WebApplicationBuilder builder)
    {
        // Validates everything, before the framework trips over one fault alone.
        using var transport = new ProviderTransport(TimeProvider.System);
        var options = GatewaySnapshot.Build(builder.Configuration, new ProviderFactory(transport, null, TimeProvider.System), new TargetStates(TimeProvider.System, NullLogger<TargetState>.Instance)).Options.Endpoints;
        if (ListenSettings.OfFramework(builder.Configuration).Count == 0)
        {
            builder.WebHost.UseUrls(ListenSettings.OfGateway(builder.Configuration, options));
        }

        // A connection's buffer (4 KiB) is there before its data: waiting for the data first is one more system call for every request.
        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;

            // RequestBody holds the limit. The server reads on for a moment past a body that was refused, so that clients
            // which send all before they read still see the answer; this bounds it.
            server.Limits.MaxRequestBodySize = MostReadBytes;
        });

        // The server logs as unhandled what is thrown to it on purpose (BrokenStreamException); FailureHandler logs the rest.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is LogLevel.Warning or LogLevel.Critical);
        builder.Services.Configure<ServiceDefaultsOptions>(service =>
        {
            service.Name = options.ServiceName;
            service.Version = ProgramVersion.Shown(options);
            service.DrainDelay = options.DrainDelay;
            service.DrainTimeout = options.DrainTimeout;
        });
    }
}
