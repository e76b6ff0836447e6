using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>A load that is not streamed.</summary>
/// <param name="User">What the upstream is asked to do.</param>
/// <param name="Connections">Requests in flight at any moment.</param>
/// <param name="Seconds">Length of one turn.</param>
/// <param name="Turns">Turns of every subject in a round: several where a target holds, for the machine is never the same for two.</param>
internal sealed record LoadSetting(string User, int Connections, int Seconds, int Turns = 1)
{
    /// <summary>How the report calls it.</summary>
    public string Title =>
        $"{(User == Payload.AtOnce ? "Upstream answers at once" : "Upstream answers after 60 ms")}, {Connections} {(Connections == 1 ? "connection" : "connections")}";

    /// <summary>Whether the subject is measured in it.</summary>
    public bool Includes(Subject subject) =>
        (subject is { HasUpstream: true, VariesRequests: false } || User == Payload.AtOnce) && (!subject.IsSideLight || Connections is 1 or 64);
}
