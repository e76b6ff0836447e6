using System.Net;
using System.Net.Sockets;

namespace LlmOps.Gateway.Outgoing;

/// <summary>Which addresses are of the public internet: not this machine, its network, a cloud's metadata or anything else that is reserved.</summary>
internal static class PublicAddress
{
    // IANA's registries of special-purpose addresses (RFC 6890), what of them is not globally reachable, and multicast; and Azure's
    // WireServer, a public address that is the host's own: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    private static readonly IPNetwork[] Reserved4 = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Reserved6 = Networks("2001::/23", "2001:db8::/32", "3fff::/20");

    // Through these an IPv4 address is reached: translated (RFC 6052), and tunnelled (6to4, RFC 3056).
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork Tunnelled = IPNetwork.Parse("2002::/16");

    /// <summary>Whether an address is of the public internet.</summary>
    public static bool Includes(IPAddress address) => address switch
    {
        { AddressFamily: AddressFamily.InterNetwork } => !Array.Exists(Reserved4, network => network.Contains(address)),
        { AddressFamily: not AddressFamily.InterNetworkV6 } => false,
        { IsIPv4MappedToIPv6: true } => Includes(address.MapToIPv4()),
        _ when Translated.Contains(address) => Includes(Embedded(address, 12)),
        _ when Tunnelled.Contains(address) => Includes(Embedded(address, 2)),
        _ => Global6.Contains(address) && !Array.Exists(Reserved6, network => network.Contains(address)),
    };

    private static IPAddress Embedded(IPAddress address, int position) => new(address.GetAddressBytes().AsSpan(position, 4));

    private static IPNetwork[] Networks(params string[] texts) => [.. texts.Select(text => IPNetwork.Parse(text))];
}
