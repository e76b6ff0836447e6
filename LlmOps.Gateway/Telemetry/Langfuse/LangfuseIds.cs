using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>Ids in Langfuse: the same for the same thing, however often it is sent.</summary>
internal static class LangfuseIds
{
    private const int GuidBytes = 16;

    /// <summary>The id of a request's trace.</summary>
    public static string Trace(Guid request) => request.ToString("N");

    /// <summary>The id of a span where spans of all traces share one table.</summary>
    public static string Observation(Guid request, string span) => $"{Trace(request)}-{span}";

    /// <summary>The id of what an event says of a part of it.</summary>
    /// <param name="of">The event, or the request.</param>
    /// <param name="part">The part.</param>
    public static string Of(Guid of, string part) => Of($"{of:N}/{part}");

    /// <summary>The id of what a text names.</summary>
    public static string Of(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, GuidBytes);

        // The contract wants UUIDs of version 4.
        hash[6] = (byte)(hash[6] & 0x0F | 0x40);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return new Guid(hash, bigEndian: true).ToString();
    }
}
