using LlmOps.Gateway.Routing;

namespace LlmOps.Tests.Routing;

/// <summary>A target that fails is left alone from the very next call, and one call at a time shows whether it is back.</summary>
public sealed class CircuitBreakerTests
{
    private static readonly BreakerOptions Options = new() { MinimumCalls = 4, Window = TimeSpan.FromSeconds(10), Cooldown = TimeSpan.FromSeconds(5), FailureRatio = 0.5f, SlowCallRatio = 0.5f };

    private readonly ManualTime _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(_time);

    [Fact]
    public void TooManyFailures_OpenItForTheVeryNextCall()
    {
        Calls(failed: [false, false, true]);
        _breaker.TryEnter(Options).ShouldNotBeNull();

        Calls(failed: [true]);

        _breaker.TryEnter(Options).ShouldBeNull();
        _breaker.Look(Options).ShouldBe((BreakerState.Open, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void FewCalls_NeverOpenIt()
    {
        Calls(failed: [true, true, true]);

        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void FailuresBelowTheRatio_DoNotOpenIt()
    {
        Calls(failed: [false, false, false, true, false, true]);

        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void FailuresInARow_OpenItHoweverGoodTheTimeBefore()
    {
        Calls(failed: [.. Enumerable.Repeat(false, 1000)]);
        Calls(failed: [true, true, true, false, true, true, true]);
        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);

        Calls(failed: [true]);

        _breaker.Look(Options).State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void SlowCalls_OpenItToo()
    {
        for (var call = 0; call < 4; call++)
        {
            _breaker.Settle(_breaker.TryEnter(Options)!.Value, failed: false, slow: call % 2 == 0, Options);
        }

        _breaker.Look(Options).State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void FailuresBeforeTheWindow_AreForgotten()
    {
        Calls(failed: [true, true, true]);
        _time.Advance(TimeSpan.FromSeconds(11));

        Calls(failed: [true]);

        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void AfterTheCooldown_OneProbeAtATimeIsLetThrough()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));

        var probe = _breaker.TryEnter(Options);

        probe!.Value.IsProbe.ShouldBeTrue();
        _breaker.TryEnter(Options).ShouldBeNull();
        _breaker.Look(Options).State.ShouldBe(BreakerState.HalfOpen);
    }

    [Theory]
    [InlineData(false, BreakerState.Closed)]
    [InlineData(true, BreakerState.Open)]
    public void Probe_Decides(bool failed, object state)
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));

        _breaker.Settle(_breaker.TryEnter(Options)!.Value, failed, slow: false, Options).ShouldBeTrue();

        _breaker.Look(Options).State.ShouldBe((BreakerState)state);
    }

    [Fact]
    public void SlowProbe_OpensItAgain()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));

        _breaker.Settle(_breaker.TryEnter(Options)!.Value, failed: false, slow: true, Options);

        _breaker.Look(Options).State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void ProbeThatTakesLong_KeepsNobodyOutForEver()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        _breaker.TryEnter(Options).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromSeconds(4));
        _breaker.TryEnter(Options).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));

        _breaker.TryEnter(Options)!.Value.IsProbe.ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ProbeThatHung_NoLongerDecides_WhereAnotherWasMadeInItsStead(bool othersFirst)
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        var hung = _breaker.TryEnter(Options)!.Value;
        _time.Advance(TimeSpan.FromSeconds(5));
        var other = _breaker.TryEnter(Options)!.Value;
        if (othersFirst)
        {
            _breaker.HasContent(other, slow: false).ShouldBeFalse();
        }

        _breaker.Settle(hung, failed: true, slow: false, Options).ShouldBeFalse();

        _breaker.Look(Options).State.ShouldBe(BreakerState.HalfOpen);
        _breaker.Settle(other, failed: false, slow: false, Options).ShouldBeTrue();
        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void ProbeWithContent_LetsAFewIn_UntilOneAnswerIsComplete()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        var probe = _breaker.TryEnter(Options)!.Value;

        _breaker.HasContent(probe, slow: false);

        for (var call = 1; call < CircuitBreaker.MostProbes; call++)
        {
            _breaker.TryEnter(Options)!.Value.IsProbe.ShouldBeTrue();
        }

        _breaker.TryEnter(Options).ShouldBeNull();
        _breaker.Look(Options).State.ShouldBe(BreakerState.HalfOpen);
        _breaker.Settle(probe, failed: false, slow: false, Options, hadContent: true).ShouldBeTrue();
        _breaker.TryEnter(Options)!.Value.IsProbe.ShouldBeFalse();
    }

    [Fact]
    public void ProbeThatBreaksOffAfterContent_OpensItAgain()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        var probe = _breaker.TryEnter(Options)!.Value;
        _breaker.HasContent(probe, slow: false);

        _breaker.Settle(probe, failed: true, slow: false, Options, hadContent: true).ShouldBeTrue();

        _breaker.Look(Options).ShouldBe((BreakerState.Open, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void ContentThatGoesOnForTheCooldown_ClosesIt()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        _breaker.HasContent(_breaker.TryEnter(Options)!.Value, slow: false);
        _time.Advance(TimeSpan.FromSeconds(5));

        var next = _breaker.TryEnter(Options)!.Value;

        next.Entered.ShouldBe(BreakerState.Closed);
        next.IsProbe.ShouldBeFalse();
        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void SuccessOfACallFromBeforeTheFailures_DoesNotEndTheirRow()
    {
        Calls(failed: [.. Enumerable.Repeat(false, 1000)]);
        var before = _breaker.TryEnter(Options)!.Value;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Calls(failed: [true, true, true]);
        _breaker.Settle(before, failed: false, slow: false, Options);

        Calls(failed: [true]);

        _breaker.Look(Options).State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void FewFailuresAmongLongCalls_DoNotOpenIt()
    {
        var longCalls = Enumerable.Range(0, 200).Select(_ => _breaker.TryEnter(Options)!.Value).ToList();
        for (var second = 0; second < 20; second++)
        {
            for (var call = 0; call < 10; call++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                longCalls.Add(_breaker.TryEnter(Options)!.Value);
                _breaker.Settle(longCalls[0], failed: false, slow: false, Options, hadContent: true);
                longCalls.RemoveAt(0);
            }

            Calls(failed: [true]);
        }

        _breaker.Look(Options).State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void ContentWhoseCallerLeft_SaysNothingOfTheTimeAfter()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        var probe = _breaker.TryEnter(Options)!.Value;
        _breaker.HasContent(probe, slow: false);
        _breaker.Abandon(probe);
        _breaker.TryEnter(Options).ShouldNotBeNull();

        _time.Advance(TimeSpan.FromSeconds(4));

        _breaker.TryEnter(Options).ShouldBeNull();
        _breaker.Look(Options).State.ShouldBe(BreakerState.HalfOpen);
    }

    [Fact]
    public void SlowContentOfAProbeThatHung_NoLongerDecides()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        var hung = _breaker.TryEnter(Options)!.Value;
        _time.Advance(TimeSpan.FromSeconds(5));
        _breaker.TryEnter(Options).ShouldNotBeNull();

        _breaker.HasContent(hung, slow: true).ShouldBeFalse();

        _breaker.Look(Options).State.ShouldBe(BreakerState.HalfOpen);
    }

    [Fact]
    public void ProbeWhoseCallerLeft_MakesWayForAnother()
    {
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));

        _breaker.Abandon(_breaker.TryEnter(Options)!.Value);

        _breaker.TryEnter(Options)!.Value.IsProbe.ShouldBeTrue();
    }

    [Fact]
    public void CallsThatBeganBeforeItOpened_DecideNothing()
    {
        var before = _breaker.TryEnter(Options)!.Value;
        Open();
        _time.Advance(TimeSpan.FromSeconds(5));
        _breaker.TryEnter(Options).ShouldNotBeNull();

        _breaker.Settle(before, failed: false, slow: false, Options).ShouldBeFalse();

        _breaker.Look(Options).State.ShouldBe(BreakerState.HalfOpen);
    }

    private void Open()
    {
        Calls(failed: [true, true, true, true]);
        _breaker.Look(Options).State.ShouldBe(BreakerState.Open);
    }

    private void Calls(bool[] failed)
    {
        foreach (var one in failed)
        {
            _breaker.Settle(_breaker.TryEnter(Options)!.Value, one, slow: false, Options);
        }
    }
}
