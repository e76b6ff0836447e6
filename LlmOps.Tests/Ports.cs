using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LlmOps.Tests;

/// <summary>Ports for servers that choose none themselves, and for those that are not to be there.</summary>
internal static class Ports
{
    // Below those that systems give out for connections and to servers that ask for any, so that nobody is given one of them meanwhile.
    private const int First = 15_000;
    private const int End = 30_000;

    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>A port on which nobody listens, and that is given to nobody else.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (Given.TryAdd(port, true) && IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
