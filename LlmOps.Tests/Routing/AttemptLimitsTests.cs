using LlmOps.Gateway.Routing;

namespace LlmOps.Tests.Routing;

/// <summary>The clock of an attempt, by a clock that the test moves.</summary>
public sealed class AttemptLimitsTests
{
    private static readonly RoutingOptions Options = new()
    {
        HeaderTimeout = TimeSpan.FromSeconds(10),
        FirstChunkTimeout = TimeSpan.FromSeconds(20),
        InterChunkTimeout = TimeSpan.FromSeconds(5),
        TotalTimeout = TimeSpan.FromSeconds(60),
    };

    private readonly ManualTime _time = new();

    [Fact]
    public void EachPhase_HasItsOwnLimit()
    {
        using var limits = new AttemptLimits(Options, TimeSpan.FromHours(1), streaming: true, _time, default, default);

        Advance(9);
        limits.HeadersReceived();
        Advance(19);
        limits.AwaitNextChunk();
        Advance(4);
        limits.AwaitNextChunk();
        Advance(4);
        limits.Expired.ShouldBeFalse();
        Advance(1);

        limits.Expired.ShouldBeTrue();
        limits.Token.IsCancellationRequested.ShouldBeTrue();
        limits.Reason.ShouldBe("the stream went silent: nothing more within 5 s");
    }

    [Fact]
    public void SlowReader_IsNoSilentProvider()
    {
        using var limits = new AttemptLimits(Options, TimeSpan.FromHours(1), streaming: true, _time, default, default);
        limits.HeadersReceived();

        limits.Pause();
        Advance(40);
        limits.Expired.ShouldBeFalse();
        limits.AwaitNextChunk();
        Advance(4);

        limits.Expired.ShouldBeFalse();
    }

    [Fact]
    public void Total_HoldsThroughout()
    {
        using var limits = new AttemptLimits(Options, TimeSpan.FromHours(1), streaming: true, _time, default, default);
        limits.HeadersReceived();
        for (var second = 0; second < 60; second += 3)
        {
            limits.Expired.ShouldBeFalse();
            limits.AwaitNextChunk();
            Advance(3);
        }

        limits.Expired.ShouldBeTrue();
        limits.Reason.ShouldBe("not complete within 60 s");
    }

    [Fact]
    public void UnstreamedAnswer_MayTakeItsTotalForTheHeaders()
    {
        using var limits = new AttemptLimits(Options, TimeSpan.FromHours(1), streaming: false, _time, default, default);

        Advance(59);
        limits.Expired.ShouldBeFalse();
        Advance(1);

        limits.Expired.ShouldBeTrue();
    }

    [Fact]
    public void Caller_CancelsWithoutALimitBeingReached()
    {
        using var caller = new CancellationTokenSource();
        using var limits = new AttemptLimits(Options, TimeSpan.FromHours(1), streaming: true, _time, caller.Token, default);

        caller.Cancel();

        limits.Token.IsCancellationRequested.ShouldBeTrue();
        limits.Expired.ShouldBeFalse();
    }

    [Fact]
    public void EndOfTheRequestsTime_EndsTheAttempt()
    {
        using var limits = new AttemptLimits(Options, TimeSpan.FromSeconds(3), streaming: true, _time, default, default);

        Advance(2);
        limits.Expired.ShouldBeFalse();
        Advance(1);

        limits.Expired.ShouldBeTrue();
        limits.EndedWithRequest.ShouldBeTrue();
    }

    [Fact]
    public void SilenceBeforeTheEndOfTheRequestsTime_IsTheProviders()
    {
        using var limits = new AttemptLimits(Options, TimeSpan.FromSeconds(30), streaming: true, _time, default, default);

        Advance(10);

        limits.Expired.ShouldBeTrue();
        limits.EndedWithRequest.ShouldBeFalse();
    }

    private void Advance(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
