using System.Net;
using System.Net.Sockets;

namespace LlmOps.Gateway.Outgoing;

/// <summary>
/// HTTP to addresses that did not come from the configuration word for word. What a name stands for is looked at when the
/// connection is made, and the connection goes to the very address that was looked at: a name that changes its mind in
/// between (DNS rebinding) gains nothing.
/// </summary>
/// <param name="resolve">Finds the addresses of a name.</param>
/// <param name="allows">Whether an address may be connected to.</param>
internal sealed class CheckedConnector(Func<string, CancellationToken, Task<IPAddress[]>> resolve, Func<IPAddress, bool> allows)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>To public addresses alone, of the names that this machine knows.</summary>
    public CheckedConnector()
        : this(Dns.GetHostAddressesAsync, PublicAddress.Includes)
    {
    }

    /// <summary>
    /// A handler that connects to allowed addresses alone; else sending fails, with an <see cref="AddressNotAllowedException"/>
    /// inside. It follows no redirects, so that each is the caller's decision and a request of its own; it uses no proxy,
    /// which would look names up itself.
    /// </summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken),
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    };

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host, out var address) ? [address] : await resolve(target.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, address => allows(address));
        if (allowed.Length == 0)
        {
            throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new AddressNotAllowedException(target.Host);
        }

        for (var index = 0; ; index++)
        {
            var socket = new Socket(allowed[index].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[index], target.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (index + 1 < allowed.Length)
            {
                // The next address may answer.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}

/// <summary>A host has no address of the public internet.</summary>
internal sealed class AddressNotAllowedException(string host)
    : Exception($"'{host}' is no host of the public internet: it leads to this machine, a private network or a reserved address.");
