using System.CommandLine;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Something that happens to a gateway under load, and a verdict on how it took it.</summary>
internal interface IScenario
{
    /// <summary>The word that runs it.</summary>
    string Name { get; }

    /// <summary>One line for --help.</summary>
    string Description { get; }

    /// <summary>Its own options.</summary>
    IReadOnlyList<Option> Options { get; }

    /// <summary>Runs it, printing what is seen, and returns whether the verdict is yes.</summary>
    Task<bool> RunAsync(Bench bench, ParseResult options, CancellationToken cancellationToken);
}
