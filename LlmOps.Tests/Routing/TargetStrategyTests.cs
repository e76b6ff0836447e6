using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Routing;

/// <summary>In which order the targets of a model are tried.</summary>
public sealed class TargetStrategyTests
{
    private const int Draws = 4000;

    private readonly ManualTime _time = new();

    [Fact]
    public void Order_KeepsTheConfigurations() => First("order", Targets(1, 1, 1)).Distinct().ShouldBe(["t0"]);

    [Fact]
    public void Weighted_DrawsByWeight_AndZeroOnlyStandsIn()
    {
        var firsts = First("weighted", Targets(3, 1, 0)).CountBy(name => name).ToDictionary();

        // Four standard deviations of 4000 draws are 0.027.
        (firsts["t0"] / (double)Draws).ShouldBe(0.75, 0.03);
        firsts.ShouldNotContainKey("t2");
        Arranged("weighted", Targets(3, 1, 0), Session(0))[2].Provider.ShouldBe("t2");
    }

    [Fact]
    public void Latency_PrefersTheFasterOfTwo()
    {
        var targets = Targets(1, 1);
        targets[0].State.Latency.Add(TimeSpan.FromSeconds(2));
        targets[1].State.Latency.Add(TimeSpan.FromSeconds(1));

        First("latency", targets).Distinct().ShouldBe(["t1"]);
    }

    [Fact]
    public void Latency_CountsTheCallsOnTheirWay()
    {
        var targets = Targets(1, 1);
        targets[0].State.Latency.Add(TimeSpan.FromSeconds(2));
        targets[1].State.Latency.Add(TimeSpan.FromSeconds(1));
        targets[1].State.Begin();
        targets[1].State.Begin();

        First("latency", targets).Distinct().ShouldBe(["t0"]);
    }

    [Fact]
    public void Latency_GivesTheSlowestOfThreeNothing()
    {
        var targets = Targets(1, 1, 1);
        for (var index = 0; index < 3; index++)
        {
            targets[index].State.Latency.Add(TimeSpan.FromSeconds(index + 1));
        }

        First("latency", targets).Distinct().Order().ShouldBe(["t0", "t1"]);
    }

    [Fact]
    public void Sticky_SendsASessionToTheSameTarget_AndSessionsToAll()
    {
        var targets = Targets(1, 1, 1);

        var firsts = Enumerable.Range(0, 300).Select(session => Arranged("sticky", targets, Session(session))[0].Provider).ToList();

        firsts.CountBy(name => name).Select(count => count.Value).ShouldAllBe(count => count > 60);
        Enumerable.Range(0, 300).Select(session => Arranged("sticky", targets, Session(session))[0].Provider).ShouldBe(firsts);
    }

    [Fact]
    public void Sticky_MovesOnlyTheSessionsOfATargetThatGoes()
    {
        var targets = Targets(1, 1, 1);
        foreach (var session in Enumerable.Range(0, 100).Select(Session))
        {
            var with = Arranged("sticky", targets, session);
            var without = Arranged("sticky", targets[..2], session);

            without.Select(target => target.Provider).ShouldBe(with.Where(target => target.Provider != "t2").Select(target => target.Provider));
        }
    }

    [Fact]
    public void LatencyEstimate_RisesAtOnceAndFallsSlowly()
    {
        var estimate = new LatencyEstimate(_time);
        estimate.Value.ShouldBeNull();
        estimate.Add(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(10));

        estimate.Add(TimeSpan.FromSeconds(5));
        estimate.Value!.Value.TotalSeconds.ShouldBe(5);
        _time.Advance(TimeSpan.FromSeconds(10));
        estimate.Add(TimeSpan.FromSeconds(1));

        // 5 / e + 1 × (1 - 1 / e)
        estimate.Value!.Value.TotalSeconds.ShouldBe(2.47, 0.01);
    }

    [Fact]
    public void RetryBudget_AddsATenth()
    {
        var budget = new RetryBudget();
        Enumerable.Range(0, RetryBudget.Burst).ShouldAllBe(_ => budget.TryTake());
        budget.TryTake().ShouldBeFalse();

        for (var request = 0; request < 20; request++)
        {
            budget.Deposit();
        }

        (budget.TryTake(), budget.TryTake(), budget.TryTake()).ShouldBe((true, true, false));
    }

    private static GatewayRequest Session(int number) => FakeRequests.Bare($"session-{number}");

    private static Target[] Arranged(string strategy, Target[] targets, GatewayRequest request)
    {
        var arranged = targets.ToArray();
        TargetStrategies.All[strategy].Arrange(arranged, request);
        return arranged;
    }

    private static List<string> First(string strategy, Target[] targets)
    {
        var request = Session(0);
        return [.. Enumerable.Range(0, Draws).Select(_ => Arranged(strategy, targets, request)[0].Provider)];
    }

    private Target[] Targets(params int[] weights) =>
        [.. weights.Select((weight, index) => FakeRequests.Target($"t{index}", time: _time) with { Weight = weight })];
}
