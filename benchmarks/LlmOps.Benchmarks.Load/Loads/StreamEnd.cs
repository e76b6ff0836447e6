namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>How a stream ended.</summary>
internal enum StreamEnd
{
    /// <summary>All chunks, [DONE], the regular end of the body.</summary>
    Complete,

    /// <summary>An error event, no [DONE], and the connection closed without the regular end of the body: a cut stream as it has to be told.</summary>
    Told,

    /// <summary>It looks whole, by [DONE] or by the regular end of the body, and is not.</summary>
    FalselyEnded,

    /// <summary>The connection closed, and nothing said why.</summary>
    Broken,

    /// <summary>It did not begin: the answer is an error with a status of its own.</summary>
    Refused,

    /// <summary>The caller left before the end, as it meant to.</summary>
    Left,
}
