using System.Globalization;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>How often tests are right that look once.</summary>
/// <param name="experiments">Of each scenario, without a difference and with it.</param>
/// <param name="seed">The same seed gives the same figures.</param>
internal sealed class FixedSimulation(int experiments, int seed)
{
    /// <summary>Runs all scenarios whose name begins so, and prints a line for each.</summary>
    public void Run(string only)
    {
        Console.WriteLine("| one look | data | false positives | interval covers | effect | found |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: |");
        for (var index = 0; index < FixedScenarios.All.Count; index++)
        {
            var scenario = FixedScenarios.All[index];
            if (!scenario.Test.StartsWith(only, StringComparison.Ordinal))
            {
                continue;
            }

            var none = Outcomes(scenario, 0, 2 * index);
            var some = Outcomes(scenario, scenario.Effect, (2 * index) + 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {scenario.Test} | {scenario.Data} | {Share(none, Rejects):0.0 %} | {(some.Any(each => each?.Interval is not null) ? Share(some, each => each?.Interval?.Contains(scenario.Effect) == true).ToString("0.0 %", CultureInfo.InvariantCulture) : "–")} | {scenario.Effect:0.000} | {Share(some, Rejects):0.0 %} |"));
        }
    }

    private static bool Rejects(Outcome? outcome) => outcome?.PValue <= 0.05;

    private static double Share(Outcome?[] outcomes, Func<Outcome?, bool> holds) => outcomes.Count(holds) / (double)outcomes.Length;

    private Outcome?[] Outcomes(Scenario scenario, double effect, int series)
    {
        var outcomes = new Outcome?[experiments];
        Parallel.For(0, experiments, experiment => outcomes[experiment] = scenario.Run(SeededRandom.Of(seed, series, experiment), effect));
        return outcomes;
    }
}
