using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>A load of streams.</summary>
/// <param name="Callers">Streams in flight at any moment.</param>
/// <param name="Seconds">Length of one turn; the streams that began within it are read to their end.</param>
/// <param name="Turns">Turns of every subject in a round.</param>
internal sealed record StreamSetting(int Callers, int Seconds, int Turns = 1)
{
    /// <summary>How the report calls it.</summary>
    public string Title => $"{Callers} streams at once, 40 chunks each, 25 ms apart, after 60 ms";

    /// <summary>Whether the subject is measured in it.</summary>
    public bool Includes(Subject subject) => subject.HasStreams && (!subject.IsSideLight || Callers == 32);
}
