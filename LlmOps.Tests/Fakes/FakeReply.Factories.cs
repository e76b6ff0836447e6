namespace LlmOps.Tests.Fakes;

internal sealed partial record FakeReply
{
    /// <summary>A reply with a status line and headers, framed by Content-Length until told otherwise.</summary>
    public static FakeReply Head(int status, params (string Name, string Value)[] headers) =>
        new() { Status = status, Headers = [.. headers], Steps = [new ReplyStep.Head()] };

    /// <summary>A whole reply of some media type; an empty body is allowed.</summary>
    public static FakeReply Text(int status, string contentType, string body, params (string Name, string Value)[] headers)
    {
        FakeReply head = Head(status, [("Content-Type", contentType), .. headers]);
        return body.Length == 0 ? head : head.Piece(body);
    }

    /// <summary>A whole JSON reply.</summary>
    public static FakeReply Json(int status, string body, params (string Name, string Value)[] headers) =>
        Text(status, "application/json", body, headers);

    /// <summary>A chunked 200 whose body will be server-sent events; go on with <see cref="Event"/>.</summary>
    public static FakeReply Sse(params (string Name, string Value)[] headers) =>
        Head(200, [("Content-Type", "text/event-stream; charset=utf-8"), .. headers]).Chunked();

    /// <summary>An event stream with one piece per event and, if <paramref name="done"/>, OpenAI's <c>[DONE]</c> at the end.</summary>
    public static FakeReply Sse(IEnumerable<string> dataEvents, bool done = true)
    {
        FakeReply stream = dataEvents.Aggregate(Sse(), (reply, data) => reply.Event(data));
        return done ? stream.Done() : stream;
    }

    /// <summary>An event stream of exactly these bytes, cut before each of the offsets.</summary>
    public static FakeReply SseRaw(byte[] bytes, params int[] splitAt) => SseRaw(ByteSplit.At(bytes, splitAt));

    /// <summary>An event stream of exactly these pieces, as <see cref="ByteSplit"/> makes them.</summary>
    public static FakeReply SseRaw(IEnumerable<byte[]> pieces) => Sse().Pieces(pieces);

    /// <summary>Bytes instead of a reply: nothing is added, and each piece is a write of its own.</summary>
    public static FakeReply RawBytes(params byte[][] pieces) =>
        pieces.Aggregate(Headless(), (reply, bytes) => reply.Raw(bytes));

    /// <summary>Silence before the headers, until the client or the test ends the connection.</summary>
    public static FakeReply Silence() => Headless().ThenSilence();

    /// <summary>RST instead of a reply.</summary>
    public static FakeReply Reset() => Headless().ThenReset();

    /// <summary>FIN instead of a reply. HttpClient then sends a request without a body again by itself, up to three times.</summary>
    public static FakeReply Close() => Headless().ThenClose();

    private static FakeReply Headless() => new() { Framing = BodyFraming.None };
}
