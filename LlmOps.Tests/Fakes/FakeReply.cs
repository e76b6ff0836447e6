using System.Collections.Immutable;
using System.Text;

namespace LlmOps.Tests.Fakes;

/// <summary>How the client learns where a reply's body ends.</summary>
internal enum BodyFraming
{
    ContentLength,
    Chunked,
    UntilClose,

    /// <summary>The script sends raw bytes only; whatever they frame is the test's affair.</summary>
    None,
}

/// <summary>
/// An immutable script for one reply, run step by step. A script without a last word ends properly, as by <see cref="ThenEnd"/>.
/// </summary>
/// <remarks>
/// Every piece is a socket write of its own, but TCP may still join two of them on the way. A test that needs the client
/// to have seen one piece before the next is sent, or before a reset (which may discard unread bytes), puts a gate between.
/// </remarks>
internal sealed partial record FakeReply
{
    private FakeReply()
    {
    }

    public int Status { get; private init; }

    public ImmutableList<(string Name, string Value)> Headers { get; private init; } = [];

    public BodyFraming Framing { get; private init; }

    /// <summary>The Content-Length a test insists on, right or wrong; otherwise the pieces are counted.</summary>
    public long? DeclaredLength { get; private init; }

    public ImmutableList<ReplyStep> Steps { get; private init; } = [];

    /// <summary>The value of the Content-Length header.</summary>
    public long ContentLength => DeclaredLength ?? Steps.OfType<ReplyStep.Piece>().Sum(piece => (long)piece.Bytes.Length);

    /// <summary>The steps with the proper end that a script may leave unsaid.</summary>
    public ImmutableList<ReplyStep> Script =>
        Steps.Exists(step => step is ReplyStep.End) ? Steps : Steps.Add(new ReplyStep.End());

    /// <summary>Adds a header; the same name twice sends two header lines.</summary>
    public FakeReply Header(string name, string value) => this with { Headers = Headers.Add((name, value)) };

    /// <summary>Frames the body by <c>Transfer-Encoding: chunked</c>.</summary>
    public FakeReply Chunked() => this with { Framing = BodyFraming.Chunked };

    /// <summary>Frames the body by the end of the connection.</summary>
    public FakeReply UntilClose() => this with { Framing = BodyFraming.UntilClose };

    /// <summary>Declares a Content-Length other than the pieces' total, for a reply that will stop short of it.</summary>
    public FakeReply Declare(long contentLength) =>
        this with { Framing = BodyFraming.ContentLength, DeclaredLength = contentLength };

    /// <summary>Sends one body piece.</summary>
    public FakeReply Piece(byte[] bytes) => Pieces([bytes]);

    /// <inheritdoc cref="Piece(byte[])"/>
    public FakeReply Piece(string text) => Piece(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends several body pieces.</summary>
    public FakeReply Pieces(IEnumerable<byte[]> pieces) => this with
    {
        Steps = Steps.AddRange(pieces.Select(bytes => bytes.Length > 0
            ? new ReplyStep.Piece(bytes)
            : throw new ArgumentException("An empty piece would be the end of a chunked body.", nameof(pieces)))),
    };

    /// <summary>Sends one server-sent event with this data.</summary>
    public FakeReply Event(string data) => Piece($"data: {data}\n\n");

    /// <summary>Sends the event that ends OpenAI's streams.</summary>
    public FakeReply Done() => Event("[DONE]");

    /// <summary>Sends bytes outside of the framing: broken chunks, surplus bytes, trailers.</summary>
    public FakeReply Raw(byte[] bytes) => Then(new ReplyStep.Raw(bytes));

    /// <summary>Goes on when the gate completes.</summary>
    public FakeReply ThenWaitFor(Task gate) => Then(new ReplyStep.Wait(gate));

    /// <summary>Tells the test that the script has come this far.</summary>
    public FakeReply ThenCall(Action action) => Then(new ReplyStep.Call(action));

    /// <summary>Sends nothing more until the client or the test ends the connection.</summary>
    public FakeReply ThenSilence() => Then(new ReplyStep.Silence());

    /// <summary>Sends RST.</summary>
    public FakeReply ThenReset() => Then(new ReplyStep.Reset());

    /// <summary>Sends FIN without the terminating chunk or the missing bytes.</summary>
    public FakeReply ThenClose() => Then(new ReplyStep.Close());

    /// <summary>Ends the body properly; what follows happens to the idle connection.</summary>
    public FakeReply ThenEnd() => Then(new ReplyStep.End());

    /// <summary>Waits for the gate before anything else, so before the status line.</summary>
    public FakeReply AfterWaitingFor(Task gate) => this with { Steps = Steps.Insert(0, new ReplyStep.Wait(gate)) };

    private FakeReply Then(ReplyStep step) => this with { Steps = Steps.Add(step) };
}
