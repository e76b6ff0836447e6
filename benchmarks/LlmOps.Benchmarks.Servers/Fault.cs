using System.Text;

namespace LlmOps.Benchmarks.Servers;

/// <summary>How far an answer has come when it fails.</summary>
internal enum Sent
{
    /// <summary>Nothing of it is sent.</summary>
    Nothing,

    /// <summary>Its headers are, and no content.</summary>
    Head,

    /// <summary>Half of it is.</summary>
    Half,
}

/// <summary>What happens instead of the rest.</summary>
internal enum Then
{
    /// <summary>Nothing: the connection stays open until the other side closes it.</summary>
    Silence,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>The body ends as a whole one does, without what is missing.</summary>
    End,

    /// <summary>An error object: as a stream's last event, or as the whole body.</summary>
    Error,

    /// <summary>It comes a byte at a time.</summary>
    Drip,
}

/// <summary>A way in which an upstream fails every request, streamed or not.</summary>
internal sealed record Fault(Sent Sent, Then Then)
{
    /// <summary>A complete answer of its own that stands for the upstream's; null where it fails otherwise.</summary>
    public byte[]? Answer { get; private init; }

    /// <summary>The fault of the name; null where there is none.</summary>
    /// <param name="name">As the load generator calls it.</param>
    /// <param name="retryAfter">Seconds that a 429 asks to be left alone.</param>
    public static Fault? Named(string name, int retryAfter) => name switch
    {
        "500" => Of("500 Internal Server Error", Json("server_error")),
        "503" => Of("503 Service Unavailable", Json("server_error")),
        "502-html" => Of("502 Bad Gateway", "Content-Type: text/html\r\n", "<html><body>Bad gateway</body></html>"),
        "429" => Of("429 Too Many Requests", Json("rate_limit_exceeded")),
        "429-retry-after" => Of("429 Too Many Requests", $"Retry-After: {retryAfter}\r\nContent-Type: application/json\r\n", Json("rate_limit_exceeded")),
        "401" => Of("401 Unauthorized", Json("invalid_api_key")),
        "silent" => new(Sent.Nothing, Then.Silence),
        "headers-silent" => new(Sent.Head, Then.Silence),
        "reset" => new(Sent.Nothing, Then.Reset),
        "cut" => new(Sent.Head, Then.End),
        "reset-midway" => new(Sent.Half, Then.Reset),
        "end-midway" => new(Sent.Half, Then.End),
        "error-midway" => new(Sent.Half, Then.Error),
        "silent-midway" => new(Sent.Half, Then.Silence),
        "drip" => new(Sent.Head, Then.Drip),
        _ => null,
    };

    private static Fault Of(string status, string body) => Of(status, "Content-Type: application/json\r\n", body);

    private static Fault Of(string status, string headers, string body) =>
        new(Sent.Nothing, Then.End) { Answer = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}") };

    private static string Json(string code) => $$$"""{"error":{"message":"It failed.","type":"{{{code}}}","param":null,"code":"{{{code}}}"}}""";
}
