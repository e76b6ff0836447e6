using System.Buffers.Binary;

namespace LlmOps.Gateway.Endpoints;

/// <summary>X-Request-ID: the caller's if it is usable, else a new one; on every response.</summary>
internal sealed class RequestId(RequestDelegate next, TimeProvider time)
{
    public const string Header = "X-Request-ID";

    private const int Longest = 128;

    public Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = http.Request.Headers[Header] is [{ } given] && IsUsable(given) ? given : NewGuid(time.GetUtcNow()).ToString();
        http.Response.Headers[Header] = http.TraceIdentifier;
        return next(http);
    }

    /// <summary>The id of this request.</summary>
    public static string Of(HttpContext http) => http.TraceIdentifier;

    /// <summary>A UUID of version 7 (RFC 9562, 5.7). Nobody relies on its being unguessable, and the framework's takes a system call.</summary>
    public static Guid NewGuid(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        var random = BinaryPrimitives.ReadInt64BigEndian(bytes) & 0xFFF;
        BinaryPrimitives.WriteInt64BigEndian(bytes, (now.ToUnixTimeMilliseconds() << 16) | 0x7000 | random);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    // Visible ASCII only: the id goes into logs and headers.
    private static bool IsUsable(string id) =>
        id.Length is > 0 and <= Longest && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
