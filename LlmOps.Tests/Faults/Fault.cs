using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Faults;

/// <summary>In which kind of answer a fault can occur.</summary>
[Flags]
internal enum FaultModes
{
    Whole = 1,
    Streamed = 2,
    Both = Whole | Streamed,
}

/// <summary>One way a provider can fail, and what comes of it. The rows of docs/faults.md.</summary>
/// <param name="Name">What the provider does.</param>
/// <param name="Modes">In which answers.</param>
/// <param name="Tries">How often the target is called, of at most two times.</param>
/// <param name="Codes">What the caller is told where nobody stands in; more than one where protocols tell it differently.</param>
internal sealed record Fault(string Name, FaultModes Modes, int Tries, params string[] Codes)
{
    /// <summary>How often it is called where nobody stands in, of at most two times.</summary>
    public int TriesAlone
    {
        get => field > 0 ? field : Tries;
        init;
    }

    /// <summary>Whether the next target is called; else the failure is the caller's at once.</summary>
    public bool FailsOver { get; init; } = true;

    /// <summary>Whether the first content has reached the caller before: its stream then ends with an error event, and nobody stands in.</summary>
    public bool AfterContent { get; init; }

    /// <summary>What the provider answers; null where it does not come so far.</summary>
    public Func<TestedProvider, bool, FakeReply>? Reply { get; init; }

    /// <summary>What the stream goes on with after its first content.</summary>
    public Func<TestedProvider, FakeReply, FakeReply>? Rest { get; init; }

    /// <summary>Its address, where that is what is wrong.</summary>
    public Func<Uri, Uri>? Address { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
