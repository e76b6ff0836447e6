using LlmOps.Gateway.Routing;

namespace LlmOps.Tests.Routing;

public sealed class RecentLatenciesTests
{
    private readonly RecentLatencies _recent = new();

    [Fact]
    public void Few_SayNothing()
    {
        Add(19, 1);
        _recent.P95.ShouldBeNull();

        Add(1, 1);
        _recent.P95.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(20, 19)]
    [InlineData(40, 38)]
    [InlineData(100, 95)]
    public void P95_IsTheNearestRank(int count, int expected)
    {
        for (var seconds = count; seconds > 0; seconds--)
        {
            Add(1, seconds);
        }

        _recent.P95.ShouldBe(TimeSpan.FromSeconds(expected));
    }

    [Fact]
    public void OldOnes_AreForgotten()
    {
        for (var round = 0; round < 7; round++)
        {
            Add(94, 50 + round);
            _recent.P95!.Value.TotalSeconds.ShouldBeInRange(49 + round, 50 + round);
            Add(100, round);
            _recent.P95.ShouldBe(TimeSpan.FromSeconds(round));
        }
    }

    private void Add(int count, double seconds)
    {
        for (var index = 0; index < count; index++)
        {
            _recent.Add(TimeSpan.FromSeconds(seconds));
        }
    }
}
