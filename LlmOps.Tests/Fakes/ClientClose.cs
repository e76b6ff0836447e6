namespace LlmOps.Tests.Fakes;

/// <summary>How the client ended a connection.</summary>
internal enum ClientClose
{
    /// <summary>With FIN. A half-close counts: no client of ours closes its side and still wants the reply.</summary>
    Closed,

    /// <summary>With RST, which is also what closing a socket with unread data amounts to.</summary>
    Reset,
}
