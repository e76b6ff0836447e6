using System.Net;
using System.Net.Sockets;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Where the settings have the gateway listen, which is known without a server.</summary>
internal static class ListenSettings
{
    private const string HostKey = "Gateway:Endpoints:Host";
    private const string PortKey = "Gateway:Endpoints:Port";

    private static readonly char[] Separator = [';'];

    /// <summary>The addresses that one of the framework's own ways names, which go before Host and Port; empty where none is used.</summary>
    public static IReadOnlyList<string> OfFramework(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "").ToList();
        if (endpoints.Count > 0)
        {
            return endpoints;
        }

        if (Split(configuration["urls"]) is { Length: > 0 } urls)
        {
            return urls;
        }

        // Container images set ASPNETCORE_HTTP_PORTS; a host or a port of our own goes before it.
        var https = Split(configuration["https_ports"]);
        var http = https.Length > 0 || (!IsSet(configuration, HostKey) && !IsSet(configuration, PortKey)) ? Split(configuration["http_ports"]) : [];
        return [.. http.Select(port => $"http://*:{port}"), .. https.Select(port => $"https://*:{port}")];
    }

    /// <summary>The address that Host and Port name, where <see cref="OfFramework"/> has none.</summary>
    public static string OfGateway(IConfiguration configuration, EndpointOptions options)
    {
        // ASPNETCORE_HTTP_PORTS means all addresses, also where a port of our own goes before it.
        var host = IsSet(configuration, "http_ports") && !IsSet(configuration, HostKey) ? ListenHostAttribute.All : options.Host;
        return IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"http://[{address}]:{options.Port}" : $"http://{host}:{options.Port}";
    }

    private static bool IsSet(IConfiguration configuration, string key) => configuration[key] is { Length: > 0 };

    private static string[] Split(string? value) => (value ?? "").Split(Separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
