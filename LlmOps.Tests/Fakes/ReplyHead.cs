using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmOps.Tests.Fakes;

/// <summary>Writes a reply's status line and headers.</summary>
internal static class ReplyHead
{
    /// <summary>Whether the reply itself ends the connection.</summary>
    public static bool Closes(FakeReply reply) =>
        reply.Framing == BodyFraming.UntilClose
        || reply.Headers.Exists(header => Is(header.Name, "Connection") && HttpTokens.Contains(header.Value, "close"));

    /// <summary>The bytes up to and with the empty line; the framing header and, if need be, <c>Connection: close</c> are added.</summary>
    public static byte[] Format(FakeReply reply, bool closing)
    {
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} {ReasonPhrases.GetReasonPhrase(reply.Status)}\r\n");
        foreach ((string name, string value) in reply.Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (reply.Framing == BodyFraming.Chunked)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (reply.Framing == BodyFraming.ContentLength && reply.Status is not (< 200 or 204 or 304))
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {reply.ContentLength}\r\n");
        if (closing && !reply.Headers.Exists(header => Is(header.Name, "Connection")))
            head.Append("Connection: close\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
