using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace LlmOps.Tests.Fakes;

/// <summary>The request line and headers of an HTTP/1.x request.</summary>
internal sealed record RequestHead(string Method, string Target, string Version, IHeaderDictionary Headers)
{
    /// <summary>Whether the connection ends with the reply.</summary>
    public bool WantsClose => Version == "HTTP/1.0" || HttpTokens.Contains(Headers.Connection, "close");

    public bool ExpectsContinue => HttpTokens.Contains(Headers.Expect, "100-continue");

    public bool IsChunked => Headers.TransferEncoding.Count > 0;

    /// <summary>The declared length of a body that is not chunked.</summary>
    public int BodyLength => Headers["Content-Length"] is { Count: > 0 } length
        ? int.Parse(length.ToString(), NumberStyles.None, CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Starts a head from its first line.</summary>
    public static RequestHead FromRequestLine(string line)
    {
        string[] parts = line.Split(' ');
        return parts.Length == 3 && parts[2] is "HTTP/1.1" or "HTTP/1.0"
            ? new RequestHead(parts[0], parts[1], parts[2], new HeaderDictionary())
            : throw new InvalidDataException($"Not a request line: '{line}'.");
    }

    /// <summary>Adds one header line; neither folding nor a space before the colon is allowed.</summary>
    public void AddHeader(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || line[0] is ' ' or '\t' || line[colon - 1] is ' ' or '\t')
            throw new InvalidDataException($"Not a header: '{line}'.");
        Headers.Append(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
    }

    /// <summary>Refuses what makes a request ambiguous; being strict here is how a test finds a sloppy client.</summary>
    public void Check()
    {
        if (Version == "HTTP/1.1" && Headers.Host.Count != 1)
            throw new InvalidDataException("A request needs exactly one Host header.");
        if (IsChunked && (Headers.TransferEncoding != "chunked" || Headers.ContainsKey("Content-Length")))
            throw new InvalidDataException("Transfer-Encoding must be just 'chunked' and exclude Content-Length.");
        if (Headers["Content-Length"] is { Count: > 0 } length
            && (length.Count > 1 || !int.TryParse(length.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new InvalidDataException($"Not a Content-Length: '{length}'.");
    }
}
