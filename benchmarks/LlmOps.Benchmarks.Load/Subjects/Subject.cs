namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Something that is measured: how it is started, and what the load has to know about it.</summary>
internal sealed record Subject(string Name)
{
    /// <summary>How it is started; null for the upstream itself, which runs already.</summary>
    public Func<Site, ServerCommand>? Command { get; init; }

    /// <summary>Why it cannot be measured on this machine; null if it can.</summary>
    public Func<Workspace, string?> Fault { get; init; } = _ => null;

    /// <summary>What every request carries beside its body, as <c>Name: value</c>.</summary>
    public Func<Site, string[]> Headers { get; init; } = _ => ["Authorization: Bearer sk-bench"];

    /// <summary>What is to be done once it listens, before it is asked anything: it returns what every request carries in place of <see cref="Headers"/>; null for nothing.</summary>
    public Func<Site, CancellationToken, Task<string[]>>? Prepare { get; init; }

    /// <summary>Whether its runtime tells what it allocates.</summary>
    public bool IsDotNet { get; init; }

    /// <summary>Whether it forwards streams.</summary>
    public bool HasStreams { get; init; } = true;

    /// <summary>Whether it asks the upstream at all; one that does not is measured without a delay only.</summary>
    public bool HasUpstream { get; init; } = true;

    /// <summary>Whether every request to it is another one, of the same size; it is measured without a delay only.</summary>
    public bool VariesRequests { get; init; }

    /// <summary>Whether its prompts have 2 kB in place of the 300 bytes of the others.</summary>
    public bool HasLongPrompts { get; init; }

    /// <summary>Whether its metrics are scraped all the time, and it is asked at the end what became of its telemetry.</summary>
    public bool TellsTelemetry { get; init; }

    /// <summary>What X-LlmOps-Cache has to say of its answers, for it to measure what its name says; null where that does not matter.</summary>
    public string? CacheStatus { get; init; }

    /// <summary>Whether it is there to explain the other rows; it is measured with 1 and 64 connections and 32 streams only.</summary>
    public bool IsSideLight { get; init; }
}
