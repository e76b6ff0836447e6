namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>All scenarios.</summary>
internal static class ScenarioList
{
    /// <summary>In the order of --help.</summary>
    public static IReadOnlyList<IScenario> All { get; } = [new OutageScenario(), new BurstScenario(), new FaultsScenario(), new RedisScenario(), new KillsScenario(), new PromptsScenario(), new SinksScenario(), new EvaluationScenario(), new SoakScenario()];
}
