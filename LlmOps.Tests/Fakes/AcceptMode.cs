namespace LlmOps.Tests.Fakes;

/// <summary>What a <see cref="FakeServer"/> does with a connection right after it was accepted.</summary>
internal enum AcceptMode
{
    /// <summary>Reads requests and replies to them.</summary>
    Serve,

    /// <summary>
    /// Holds the connection and never reads from it. Nothing is noticed of the client either: the connection counts
    /// as open until the test resets it or disposes the server.
    /// </summary>
    NeverRead,

    /// <summary>Sends FIN at once.</summary>
    Close,

    /// <summary>Sends RST at once.</summary>
    Reset,
}
