using System.Globalization;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Benchmarks.Statistics;

/// <summary>How often a look at any time sees a difference: by the always-valid sequence, and by the test that is meant for one look.</summary>
/// <param name="experiments">Of each scenario, without a difference and with it.</param>
/// <param name="seed">The same seed gives the same figures.</param>
internal sealed class PeekingSimulation(int experiments, int seed)
{
    private readonly ConfidenceSequence _sequence = new();

    /// <summary>Runs all scenarios whose name begins so, and prints a line for each.</summary>
    public void Run(string only)
    {
        Console.WriteLine("| many looks | values of the variant | Welch, at the end | Welch, ever | sequence, ever | guard rail, ever | with more being better | effect | Welch finds it at the end | sequence ever | after, in the mean | guard rail ever |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        for (var index = 0; index < PeekingScenario.All.Count; index++)
        {
            var scenario = PeekingScenario.All[index];
            if (!scenario.Data.StartsWith(only, StringComparison.Ordinal))
            {
                continue;
            }

            var none = Outcomes(scenario, 0, 1_000 + (2 * index));
            var some = Outcomes(scenario, scenario.Effect, 1_001 + (2 * index));
            var after = some.Where(each => each.SequenceAt is not null).Select(each => (double)each.SequenceAt!.Value).DefaultIfEmpty(double.NaN).Average();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {scenario.Data} | {scenario.First}–{scenario.Count:N0} | {Share(none, each => each.WelchLast):0.0 %} | {Share(none, each => each.WelchEver):0.0 %} | {Share(none, each => each.SequenceAt is not null):0.0 %} | {Share(none, each => each.GuardRailEver):0.0 %} | {Share(none, each => each.OtherGuardRailEver):0.0 %} | {scenario.Effect:0.0000} | {Share(some, each => each.WelchLast):0.0 %} | {Share(some, each => each.SequenceAt is not null):0.0 %} | {after:N0} | {Share(some, each => each.GuardRailEver):0.0 %} |"));
        }
    }

    private static double Share(Peeked[] outcomes, Func<Peeked, bool> holds) => outcomes.Count(holds) / (double)outcomes.Length;

    private Peeked[] Outcomes(PeekingScenario scenario, double effect, int series)
    {
        var outcomes = new Peeked[experiments];
        Parallel.For(0, experiments, experiment => outcomes[experiment] = Peek(scenario, effect, SeededRandom.Of(seed, series, experiment)));
        return outcomes;
    }

    private Peeked Peek(PeekingScenario scenario, double effect, SeededRandom random)
    {
        var guardRail = new GuardRail(_sequence);
        var (baseline, variant) = (default(Moments), default(Moments));
        var seen = default(Peeked);
        for (var look = 0; look < scenario.Looks; look++)
        {
            for (var each = look == 0 ? scenario.First : scenario.PerLook; each > 0; each--)
            {
                variant = variant.Add(scenario.Next(random, effect));
                for (var share = scenario.BaselineShare; share > 0; share--)
                {
                    baseline = baseline.Add(scenario.Next(random, 0));
                }
            }

            var isSeen = WelchTest.Compare(baseline, variant) is { PValue: <= 0.05 };
            seen = new Peeked(
                isSeen,
                seen.WelchEver || isSeen,
                seen.SequenceAt ?? (_sequence.Compare(baseline, variant) is { PValue: <= 0.05 } ? variant.Count : null),
                seen.GuardRailEver || guardRail.Judge(baseline, variant, MetricDirection.LowerIsBetter) is { IsClearlyWorse: true },
                seen.OtherGuardRailEver || guardRail.Judge(baseline, variant, MetricDirection.HigherIsBetter) is { IsClearlyWorse: true });
        }

        return seen;
    }

    private readonly record struct Peeked(bool WelchLast, bool WelchEver, long? SequenceAt, bool GuardRailEver, bool OtherGuardRailEver);
}
