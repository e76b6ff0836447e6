using System.Net;
using System.Net.Sockets;
using LlmOps.Gateway.Configuration;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace LlmOps.Gateway.Access;

/// <summary>The proxies that are believed when they say who asks and how: X-Forwarded-For and X-Forwarded-Proto of all others are not read.</summary>
internal static class TrustedProxies
{
    private const string Key = $"{GatewayOptions.SectionName}:Access:{nameof(AccessOptions.TrustedProxies)}";

    /// <summary>Adds the middleware, where there are any.</summary>
    public static void Use(WebApplication app)
    {
        var entries = app.Services.GetRequiredService<GatewayConfiguration>().Current.Options.Access.TrustedProxies;
        if (entries.Count == 0)
        {
            return;
        }

        // From the nearest on, as far as each is a trusted one: what stands before the first that is not, it may have made up.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var entry in entries)
        {
            options.KnownIPNetworks.Add(Parse(entry)!.Value);
        }

        app.UseForwardedHeaders(options);
    }

    /// <summary>Looks whether each entry is an address or a range.</summary>
    public static void Check(IReadOnlyList<string> entries, List<string> faults)
    {
        for (var index = 0; index < entries.Count; index++)
        {
            if (Parse(entries[index]) is null)
            {
                faults.Add($"{Key}:{index} is '{entries[index]}'; expected an address such as 10.0.0.7 or a range such as 10.0.0.0/8 or fd00::/8.");
            }
        }
    }

    // A bare number would be read as an address, too.
    private static IPNetwork? Parse(string entry) =>
        IPNetwork.TryParse(entry, out var network) ? network
        : IPAddress.TryParse(entry, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == entry)
            ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32)
        : null;
}
