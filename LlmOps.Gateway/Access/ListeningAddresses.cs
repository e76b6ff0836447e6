using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LlmOps.Gateway.Access;

/// <summary>Where the gateway listens, known once it has started.</summary>
internal sealed class ListeningAddresses(IServer server)
{
    private bool? _areLoopback;

    /// <summary>Whether the gateway was started so that only this machine can reach it; false while that is not known.</summary>
    public bool AreLoopback => _areLoopback ?? Evaluate();

    /// <summary>The addresses, as <c>http://host:port</c>.</summary>
    public IEnumerable<string> All => server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    private bool Evaluate()
    {
        var addresses = All.ToList();
        if (addresses.Count == 0)
        {
            return false;
        }

        _areLoopback = addresses.TrueForAll(IsLoopback);
        return _areLoopback.Value;
    }

    // A wildcard such as http://*:80 or http://[::]:80 is everyone's.
    private static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
