using System.Globalization;
using System.Net.Sockets;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>What the .NET runtime of a server tells through the benchmark's hook.</summary>
internal sealed record RuntimeCounters(long AllocatedBytes, int Generation0, int Generation1, int Generation2, long HeapBytes)
{
    /// <summary>Asks the server; null where the hook is not loaded.</summary>
    /// <exception cref="BenchmarkException">It does not answer, as it has ended.</exception>
    public static RuntimeCounters? Read(ServerProcess process)
    {
        if (process.CountersSocket is not { } name)
        {
            return null;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint('\0' + name));
        }
        catch (SocketException)
        {
            throw new BenchmarkException($"A server ended while it was measured. It said last: {process.OutputEnd()}");
        }

        using var reader = new StreamReader(new NetworkStream(socket));
        var numbers = reader.ReadToEnd().Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new(numbers[0], (int)numbers[1], (int)numbers[2], (int)numbers[3], numbers[4]);
    }
}
