using System.Net.NetworkInformation;

namespace LlmOps.Benchmarks.Load;

/// <summary>Free ports on loopback.</summary>
internal static class Ports
{
    // Below the range that outgoing connections take theirs from, so that a server can be started on its port again.
    private const int First = 18000;
    private const int Last = 31999;

    private static int _next = First;

    /// <summary>A port that nobody listens on and that was not given out before.</summary>
    public static int Take()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (_next <= Last)
        {
            var port = _next++;
            if (!taken.Contains(port))
            {
                return port;
            }
        }

        throw new BenchmarkException($"No free port from {First} to {Last}.");
    }
}
