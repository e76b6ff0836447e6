using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LlmOps.Gateway.Access;

/// <summary>Where the gateway listens, known once it has started.</summary>
internal sealed class ListeningAddresses(IServer server)
{
    private readonly Lazy<bool> _areLoopback = new(() =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.All(IsLoopback) ?? true);

    /// <summary>Whether only this machine can reach the gateway.</summary>
    public bool AreLoopback => _areLoopback.Value;

    /// <summary>The addresses, as <c>http://host:port</c>.</summary>
    public IEnumerable<string> All => server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    // A wildcard such as http://*:80 or http://[::]:80 is everyone's.
    private static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
