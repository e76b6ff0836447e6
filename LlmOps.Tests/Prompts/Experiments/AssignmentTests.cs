using LlmOps.Gateway.Prompts.Experiments;

namespace LlmOps.Tests.Prompts.Experiments;

/// <summary>Who sees which variant: always the same, evenly, and moved by nothing.</summary>
public sealed class AssignmentTests
{
    private const int Units = 100_000;

    // Read once: whoever sees other values has changed who sees what in every experiment that runs.
    [Theory]
    [InlineData("tone", "acme\0User\0ann", 0.9098428173218545, 0.08340379900052841, "7140cb13ba6461a9")]
    [InlineData("tone", "acme\0User\0bob", 0.4366548379995526, 0.358320870336611, "bfa3791bbe50d4a8")]
    [InlineData("pepper", "acme\0User\0ann", 0.10117444969173661, 0.7931724758105265, "b7dcdbd0104c3786")]
    [InlineData("", "", 0.4304816492364817, 0.6118968070327072, "78901d3fb3373876")]
    [InlineData("tone", "Grüße 🌈", 0.8094310131722758, 0.8409813288539699, "4ba39cb0289f2a37")]
    public void Assignment_IsTheSameInEveryProcess(string salt, string unit, double place, double draw, string id)
    {
        var assignment = Assignment.Of(salt, unit);

        assignment.Place.ShouldBe(place);
        assignment.Draw.ShouldBe(draw);
        assignment.Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("tone", 1, 1)]
    [InlineData("tone-2", 1, 1)]
    [InlineData("pepper", 1, 3)]
    [InlineData("salt", 0.2, 0.05)]
    public void Units_AreSharedOutAsTheWeightsSay(string salt, double first, double second)
    {
        var expected = first / (first + second);

        var chosen = All(salt).Count(assignment => assignment.Choose([first, second]) == 0);

        // Three standard errors: one salt of 370 would miss them, none of these does.
        ((double)chosen / Units).ShouldBe(expected, 3 * Math.Sqrt(expected * (1 - expected) / Units));
    }

    [Fact]
    public void ThreeVariants_AreSharedOutAsTheirWeightsSay()
    {
        var counts = All("three").CountBy(assignment => assignment.Choose([1, 2, 5])).ToDictionary();

        ((double)counts[0] / Units).ShouldBe(0.125, 0.0032);
        ((double)counts[1] / Units).ShouldBe(0.25, 0.0042);
        ((double)counts[2] / Units).ShouldBe(0.625, 0.0046);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Share_IsThatOfTheUnits(double share) =>
        ((double)All("tone").Count(assignment => assignment.Place < share) / Units).ShouldBe(share, 3 * Math.Sqrt(share * (1 - share) / Units));

    [Fact]
    public void WhoTakesPart_SaysNothingOfTheVariant()
    {
        foreach (var (from, to) in ((double, double)[])[(0, 0.1), (0.1, 0.2), (0.45, 0.55), (0.9, 1)])
        {
            var part = All("tone").Where(assignment => assignment.Place >= from && assignment.Place < to).ToList();

            ((double)part.Count(assignment => assignment.Choose([1, 1]) == 0) / part.Count).ShouldBe(0.5, 3 * 0.5 / Math.Sqrt(part.Count));
        }
    }

    [Fact]
    public void AnotherSalt_SharesOutAnew()
    {
        var both = All("tone").Zip(All("pepper")).Count(pair => pair.First.Choose([1, 1]) == pair.Second.Choose([1, 1]));

        ((double)both / Units).ShouldBe(0.5, 3 * 0.5 / Math.Sqrt(Units));
    }

    [Fact]
    public void Ids_AreOneForEachUnit() => All("tone").Select(assignment => assignment.Id).Distinct().Count().ShouldBe(Units);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.249, 0)]
    [InlineData(0.25, 1)]
    [InlineData(0.9999999999999999, 1)]
    public void Draw_ChoosesByTheSumsOfTheWeights(double draw, int index)
    {
        new Assignment(0, draw, "").Choose([1, 3]).ShouldBe(index);
        new Assignment(0, draw, "").Choose([0.1, 0.3]).ShouldBe(index);
    }

    private static IEnumerable<Assignment> All(string salt) => Enumerable.Range(0, Units).Select(unit => Assignment.Of(salt, $"unit-{unit}"));
}
