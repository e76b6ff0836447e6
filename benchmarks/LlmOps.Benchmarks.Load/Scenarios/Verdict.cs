namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>What a scenario asks for, and whether it was so.</summary>
internal sealed class Verdict
{
    /// <summary>Whether everything was.</summary>
    public bool IsYes { get; private set; } = true;

    /// <summary>Prints one demand with what was seen.</summary>
    public void Demand(string what, bool met, string seen)
    {
        IsYes &= met;
        Console.WriteLine($"{(met ? "yes" : "NO ")} {what}: {seen}");
    }
}
