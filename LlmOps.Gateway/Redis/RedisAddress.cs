using System.Globalization;

namespace LlmOps.Gateway.Redis;

/// <summary>Where a server listens.</summary>
/// <param name="Host">Name or IP address, of IPv6 without brackets.</param>
/// <param name="Port">TCP port.</param>
internal sealed record RedisAddress(string Host, int Port)
{
    /// <summary>The port where none is said.</summary>
    public const int DefaultPort = 6379;

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[ipv6]</c> or <c>[ipv6]:port</c>; null where it is none.</summary>
    public static RedisAddress? Parse(string text, int defaultPort)
    {
        var end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = text.IndexOf(':', end + 1);
        var host = end > 0 ? text[1..end] : colon < 0 ? text : text[..colon];
        var rest = colon < 0 ? "" : text[(colon + 1)..];
        var port = defaultPort;
        var isPort = colon < 0 || (int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue);
        var isHost = Uri.CheckHostName(host) != UriHostNameType.Unknown && (end < 0 || end + 1 == (colon < 0 ? text.Length : colon));
        return isPort && isHost && (end > 0) == host.Contains(':') ? new RedisAddress(host, port) : null;
    }

    /// <summary>Reads <c>host:port</c> as a cluster's node writes it in a redirection: IPv6 without brackets, and no host for its own.</summary>
    public static RedisAddress? ParseRedirection(string text, string ownHost)
    {
        var colon = text.LastIndexOf(':');
        return colon >= 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? new RedisAddress(colon == 0 || text[..colon] == "?" ? ownHost : text[..colon], port)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
