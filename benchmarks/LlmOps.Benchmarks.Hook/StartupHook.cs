using System.Globalization;
using System.Net.Sockets;
using System.Text;

/// <summary>
/// Loaded by the runtime into a server that is measured (<c>DOTNET_STARTUP_HOOKS</c>), so that the server needs nothing
/// for it. Whoever connects to the socket that <c>LLMOPS_BENCHMARKS_SOCKET</c> names is told, on one line: bytes
/// allocated so far, collections of generation 0, 1 and 2, and bytes in the managed heap.
/// </summary>
internal sealed class StartupHook
{
    /// <summary>Called by the runtime before Main.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("LLMOPS_BENCHMARKS_SOCKET") is { Length: > 0 } name)
        {
            new Thread(() => Answer(name)) { IsBackground = true, Name = "benchmarks" }.Start();
        }
    }

    private static void Answer(string name)
    {
        // Linux's abstract sockets leave no file behind, and their names may be as long as a work folder's are.
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint('\0' + name));
        listener.Listen();
        while (true)
        {
            try
            {
                using var caller = listener.Accept();
                caller.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
                    $"{GC.GetTotalAllocatedBytes()} {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)} {GC.GetTotalMemory(forceFullCollection: false)}\n")));
            }
            catch (SocketException)
            {
                // A caller that left: the next one is answered.
            }
        }
    }
}
