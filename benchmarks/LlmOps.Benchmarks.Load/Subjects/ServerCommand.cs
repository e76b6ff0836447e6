namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A command line and what is added to the environment.</summary>
internal sealed record ServerCommand(string File, params string[] Arguments)
{
    /// <summary>Variables beside the few that every process needs.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
