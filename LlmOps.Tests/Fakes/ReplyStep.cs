namespace LlmOps.Tests.Fakes;

/// <summary>One step of a reply's script.</summary>
internal abstract record ReplyStep
{
    /// <summary>Sends the status line and the headers in one write.</summary>
    internal sealed record Head : ReplyStep;

    /// <summary>Sends body bytes in one write and, in a chunked reply, as one HTTP chunk.</summary>
    internal sealed record Piece(ReadOnlyMemory<byte> Bytes) : ReplyStep;

    /// <summary>Sends bytes as they are in one write, outside of the reply's framing.</summary>
    internal sealed record Raw(ReadOnlyMemory<byte> Bytes) : ReplyStep;

    /// <summary>Goes on when the test opens the gate.</summary>
    internal sealed record Wait(Task Gate) : ReplyStep;

    /// <summary>Calls back into the test.</summary>
    internal sealed record Call(Action Action) : ReplyStep;

    /// <summary>Sends nothing more until the connection ends.</summary>
    internal sealed record Silence : ReplyStep;

    /// <summary>Sends RST.</summary>
    internal sealed record Reset : ReplyStep;

    /// <summary>Sends FIN, however much of the body is missing.</summary>
    internal sealed record Close : ReplyStep;

    /// <summary>Ends the reply as its framing demands.</summary>
    internal sealed record End : ReplyStep;
}
