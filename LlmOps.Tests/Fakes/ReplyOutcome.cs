namespace LlmOps.Tests.Fakes;

/// <summary>How the script of a reply came to its end.</summary>
internal enum ReplyOutcome
{
    /// <summary>Every byte was handed to the socket and the reply ended properly.</summary>
    Sent,

    /// <summary>The script closed the connection with FIN.</summary>
    Closed,

    /// <summary>The script reset the connection.</summary>
    Reset,

    /// <summary>The connection ended under the script, or the script failed (see <see cref="FakeServer.Faults"/>).</summary>
    Abandoned,
}
