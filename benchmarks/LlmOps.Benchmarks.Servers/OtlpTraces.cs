namespace LlmOps.Benchmarks.Servers;

/// <summary>Reads of an ExportTraceServiceRequest what tells its traces apart.</summary>
internal static class OtlpTraces
{
    // resource_spans, scope_spans, spans, trace_id
    private static readonly int[] Path = [1, 2, 2, 1];

    /// <summary>The ids of its traces, each once.</summary>
    public static IReadOnlyCollection<string> Ids(byte[] request)
    {
        HashSet<string> ids = [];
        Read(request, 0, ids);
        return ids;
    }

    private static void Read(ReadOnlySpan<byte> message, int depth, HashSet<string> ids)
    {
        while (!message.IsEmpty)
        {
            var tag = Number(ref message);
            var length = (tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => (int)Number(ref message) };
            if ((tag & 7) == 0)
            {
                Number(ref message);
            }

            var value = message[..length];
            message = message[length..];
            if ((int)(tag >> 3) != Path[depth])
            {
                continue;
            }

            if (depth == Path.Length - 1)
            {
                ids.Add(Convert.ToHexStringLower(value));
            }
            else
            {
                Read(value, depth + 1, ids);
            }
        }
    }

    private static ulong Number(ref ReadOnlySpan<byte> message)
    {
        var (number, shift) = (0UL, 0);
        while (true)
        {
            var next = message[0];
            message = message[1..];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }

            shift += 7;
        }
    }
}
