using System.Globalization;
using System.Text;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What is asked: an OpenAI chat request of exactly 400 bytes, whose <c>user</c> field tells the upstream what to do.</summary>
internal static class Payload
{
    /// <summary>The upstream answers at once.</summary>
    public const string AtOnce = "bench";

    /// <summary>The upstream answers after 60 ms, as a fast model may.</summary>
    public const string Delayed = "delay-60";

    /// <summary>The upstream streams so many chunks with content.</summary>
    public const int Chunks = 40;

    /// <summary>The model that is asked, unless a scenario has one of its own.</summary>
    public const string Model = "gpt-4o-mini";

    private const int Length = 400;

    private const string Question =
        "What does a gateway in front of model providers do for the applications of a company? Answer for somebody who has never heard of one, in a few words, and name what it keeps in one place: keys, limits, costs and the names of models, so that none of the applications has to keep them itself, today or in a year.";

    /// <summary>A request that is answered whole.</summary>
    public static byte[] Body(string user, string model = Model) => Body("", user, model);

    /// <summary>One of many requests that differ in a number of 16 digits only.</summary>
    public static byte[] NumberedBody(string user, long number, bool stream = false) =>
        Body(stream ? "\"stream\":true," : "", user, Model, string.Create(CultureInfo.InvariantCulture, $"No. {number:d16}: "));

    /// <summary>A request for a stream of 40 chunks, 25 ms apart, that begins after 60 ms.</summary>
    public static byte[] StreamBody() => StreamBody(Delayed, Model);

    /// <summary>A request for the same chunks, with the rest of what the upstream is to do.</summary>
    public static byte[] StreamBody(string user, string model) => Body("\"stream\":true,", $"{user} chunks-{Chunks}-25", model);

    /// <summary>The body as a whole HTTP request.</summary>
    public static byte[] Request(int port, string[] headers, byte[] body) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n"),
        .. body,
    ];

    private static byte[] Body(string stream, string user, string model, string prefix = "")
    {
        string With(string question) =>
            $$"""{"model":"{{model}}",{{stream}}"messages":[{"role":"user","content":"{{prefix}}{{question}}"}],"temperature":0.2,"max_tokens":200,"user":"{{user}}"}""";

        return Encoding.ASCII.GetBytes(With(Question[..(Length - With("").Length)]));
    }
}
