using System.Net;
using System.Net.Sockets;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>An address as the owner of limits.</summary>
internal static class CallerAddress
{
    private const int PrefixBytes = 8;

    /// <summary>The owner, such as <c>address:203.0.113.7</c>; of IPv6 the /64, which is one customer's as an IPv4 address is.</summary>
    public static string OwnerOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return $"address:{plain}";
        }

        Span<byte> bytes = stackalloc byte[2 * PrefixBytes];
        plain.TryWriteBytes(bytes, out _);
        bytes[PrefixBytes..].Clear();
        return $"address:{new IPAddress(bytes)}/64";
    }
}
