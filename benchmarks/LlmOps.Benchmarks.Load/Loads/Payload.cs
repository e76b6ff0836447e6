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
    private const int LongPrompt = 2000;

    private const string LongQuestion =
        "We run 14 shops in 3 countries and keep orders in a table orders(id, shop, placed_at, total_eur, status). Since 2024-03-01 the report of the month has been wrong by a few hundred euros: "
        + "it says 1,204,337.18 where the ledger says 1,203,981.55. The query is SELECT shop, SUM(total_eur) FROM orders WHERE placed_at >= '2024-03-01' AND status <> 'cancelled' GROUP BY shop. "
        + "A colleague says that refunds are booked as orders with a negative total, another that the time zone is not the one of the shop, and the instructions of the accounting system from 2019 ask us to "
        + "ignore rows of the status 'draft'. Which of these can explain the difference, how do we find out with a query each, and what would you change first? Answer in a short list, with the query where there is one. ";

    private const string Question =
        "What does a gateway in front of model providers do for the applications of a company? Answer for somebody who has never heard of one, in a few words, and name what it keeps in one place: keys, limits, costs and the names of models, so that none of the applications has to keep them itself, today or in a year.";

    /// <summary>A request that is answered whole.</summary>
    public static byte[] Body(string user, string model = Model) => Body("", user, model);

    /// <summary>A request that is answered whole, whose prompt has 2 kB of prose with numbers, names and code in it.</summary>
    public static byte[] LongBody(string user) => LongBody(user, "");

    /// <summary>One of many such requests, whose prompts differ in the name of a ticket that begins them.</summary>
    public static byte[] NumberedLongBody(string user, long number) => LongBody(user, string.Create(CultureInfo.InvariantCulture, $"Ticket t{number:d16}. "));

    /// <summary>One of many requests that differ in a number of 16 digits only.</summary>
    public static byte[] NumberedBody(string user, long number, bool stream = false) =>
        Body(stream ? "\"stream\":true," : "", user, Model, string.Create(CultureInfo.InvariantCulture, $"No. {number:d16}: "));

    /// <summary>A request for a stream of 40 chunks, 25 ms apart, that begins after 60 ms.</summary>
    public static byte[] StreamBody() => StreamBody(Delayed, Model);

    /// <summary>A request for the same chunks, with the rest of what the upstream is to do.</summary>
    /// <param name="user">What it is to do.</param>
    /// <param name="model">The model.</param>
    /// <param name="gap">Milliseconds between chunks.</param>
    public static byte[] StreamBody(string user, string model, int gap = 25) => Body("\"stream\":true,", $"{user} chunks-{Chunks}-{gap}", model);

    /// <summary>The body as a whole HTTP request.</summary>
    public static byte[] Request(int port, string[] headers, byte[] body, string path = "/v1/chat/completions") =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n"),
        .. body,
    ];

    private static byte[] LongBody(string user, string prefix) => Encoding.ASCII.GetBytes(
        $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"{{(prefix + string.Concat(Enumerable.Repeat(LongQuestion, 1 + (LongPrompt / LongQuestion.Length))))[..LongPrompt]}}"}],"temperature":0.2,"max_tokens":200,"user":"{{user}}"}""");

    private static byte[] Body(string stream, string user, string model, string prefix = "")
    {
        string With(string question) =>
            $$"""{"model":"{{model}}",{{stream}}"messages":[{"role":"user","content":"{{prefix}}{{question}}"}],"temperature":0.2,"max_tokens":200,"user":"{{user}}"}""";

        return Encoding.ASCII.GetBytes(With(Question[..(Length - With("").Length)]));
    }
}
