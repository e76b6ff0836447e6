using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Runs;

namespace LlmOps.Tests.Evaluator.Runs;

public sealed class CallGateTests
{
    private static readonly CallCost Priced = new(1, 0.01m, 0);

    private readonly ManualTime _time = new();

    [Fact]
    public async Task Calls_AreAtMostSoManyAtOnce()
    {
        var gate = new CallGate(3, null, 0, _time);
        var (running, most) = (0, 0);
        var go = new TaskCompletionSource();
        var calls = Enumerable.Range(0, 10).Select(_ => gate.CallAsync(
            "a",
            async () =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await go.Task;
                return Interlocked.Decrement(ref running);
            },
            _ => Priced,
            default)).ToList();
        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref running) == 3));

        go.SetResult();
        await Task.WhenAll(calls);

        most.ShouldBe(3);
        gate.Spent.ShouldBe(new CallCost(10, 0.10m, 0));
    }

    [Fact]
    public async Task TooManyRequests_WaitsAsLongAsItIsTold_AndHalvesTheCallsAtOnce()
    {
        var gate = new CallGate(4, null, 0, _time);
        var calls = 0;
        var first = gate.CallAsync("a", () => Interlocked.Increment(ref calls) == 1 ? throw TooMany(seconds: 20) : Task.FromResult(calls), _ => Priced, default);
        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref calls) == 1));
        var (running, stop) = (0, new TaskCompletionSource());
        var others = Enumerable.Range(0, 4).Select(_ => gate.CallAsync(
            "a",
            async () =>
            {
                Interlocked.Increment(ref running);
                await stop.Task;
                return 0;
            },
            _ => Priced,
            default)).ToList();

        _time.Advance(TimeSpan.FromSeconds(19));
        (calls, Volatile.Read(ref running)).ShouldBe((1, 0));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref running) == 2));
        stop.SetResult();
        await Task.WhenAll(others);

        (await first).ShouldBe(2);
    }

    [Fact]
    public async Task TooManyRequests_ForLong_EndsTheRun()
    {
        var gate = new CallGate(1, null, 0, _time);
        var call = gate.CallAsync<int>("a", () => throw TooMany(seconds: 300), _ => Priced, default);

        for (var minutes = 0; minutes < 20 && !call.IsCompleted; minutes += 5)
        {
            await PassAsync(call, TimeSpan.FromMinutes(5));
        }

        (await Should.ThrowAsync<GatewayCallException>(() => call)).Status.ShouldBe(429);
        gate.Ended!.ShouldContain("too many");
    }

    [Theory]
    [InlineData(503)]
    [InlineData(502)]
    [InlineData(null)]
    public async Task WhatIsAway_IsAskedAgain(int? status)
    {
        var gate = new CallGate(1, null, 0, _time);
        var calls = 0;
        var call = gate.CallAsync("a", () => Interlocked.Increment(ref calls) < CallGate.MaxAttempts ? throw new GatewayCallException(status, null, "away") : Task.FromResult(7), _ => Priced, default);

        await PassAsync(call, TimeSpan.FromMinutes(1));

        (await call).ShouldBe(7);
        calls.ShouldBe(CallGate.MaxAttempts);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task WhatIsRefused_IsNotAskedAgain(int status)
    {
        var gate = new CallGate(1, null, 0, _time);
        var calls = 0;

        await Should.ThrowAsync<GatewayCallException>(() => gate.CallAsync<int>(
            "a",
            () =>
            {
                calls++;
                throw new GatewayCallException(status, null, "no");
            },
            _ => Priced,
            default));

        calls.ShouldBe(1);
        gate.Ended.ShouldBeNull();
    }

    [Theory]
    [InlineData(401, null)]
    [InlineData(429, "INSUFFICIENT_QUOTA")]
    public async Task WhatNoWaitingHelps_EndsTheRun(int status, string? code)
    {
        var gate = new CallGate(1, null, 0, _time);

        await Should.ThrowAsync<GatewayCallException>(() => gate.CallAsync<int>("a", () => throw new GatewayCallException(status, code, "no more"), _ => Priced, default));

        gate.Ended.ShouldBe("no more");
        await Should.ThrowAsync<RunEndedException>(() => gate.CallAsync("a", () => Task.FromResult(1), _ => Priced, default));
    }

    [Fact]
    public async Task ManyFailuresInARow_EndTheRun()
    {
        var gate = new CallGate(CallGate.MaxFailedInARow, null, 0, _time);
        var calls = Enumerable.Range(0, CallGate.MaxFailedInARow).Select(_ => gate.CallAsync<int>("a", () => throw new GatewayCallException(null, null, "nobody there"), _ => Priced, default)).ToList();
        var waiting = gate.CallAsync("a", () => Task.FromResult(1), _ => Priced, default);

        await PassAsync(Task.WhenAll(calls), TimeSpan.FromMinutes(1));

        calls.ShouldAllBe(call => call.Exception!.InnerException is GatewayCallException);
        gate.Ended!.ShouldContain("nobody there");
        await waiting;
    }

    [Fact]
    public async Task MaxCost_IsNeverPassed()
    {
        var gate = new CallGate(8, 0.095m, 0, _time);

        var calls = Enumerable.Range(0, 50).Select(_ => gate.CallAsync("a", async () => await Task.Run(() => 1), _ => Priced, default)).ToList();
        await Should.ThrowAsync<RunEndedException>(() => Task.WhenAll(calls));

        gate.Spent.Usd.ShouldBe(0.09m);
        gate.Ended!.ShouldContain("--max-cost");
    }

    [Fact]
    public async Task MaxCost_HoldsForADearerModelThatComesLater_AndForWhatWasSpentBefore()
    {
        var gate = new CallGate(8, 1m, 0.5m, _time);
        for (var call = 0; call < 3; call++)
        {
            await gate.CallAsync("cheap", () => Task.FromResult(1), _ => new CallCost(1, 0, 0), default);
        }

        var calls = Enumerable.Range(0, 20).Select(_ => gate.CallAsync("dear", async () => await Task.Run(() => 1), _ => new CallCost(1, 0.1m, 0), default)).ToList();
        await Should.ThrowAsync<RunEndedException>(() => Task.WhenAll(calls));

        gate.Spent.Usd.ShouldBe(0.5m);
    }

    [Fact]
    public async Task TooManyRequests_WhoseTimerIsEarly_DoesNotStopTheRun()
    {
        var early = new EarlyTimers(_time);
        var gate = new CallGate(1, null, 0, early);
        var calls = 0;
        var call = gate.CallAsync("a", () => Interlocked.Increment(ref calls) == 1 ? throw TooMany(seconds: 2) : Task.FromResult(calls), _ => Priced, default);

        await PassAsync(call, TimeSpan.FromSeconds(1));

        (await call).ShouldBe(2);
    }

    [Fact]
    public async Task MaxCost_ThatWasSpentBefore_EndsTheRunBeforeItsFirstCall()
    {
        var gate = new CallGate(8, 1m, 1m, _time);

        await Should.ThrowAsync<RunEndedException>(() => gate.CallAsync("a", () => Task.FromResult(1), _ => Priced, default));

        gate.Ended.ShouldBe("1 of 1 US dollars (--max-cost) are spent");
    }

    [Fact]
    public async Task MaxCost_WithoutAPrice_EndsTheRun()
    {
        var gate = new CallGate(8, 1m, 0, _time);

        await gate.CallAsync("a", () => Task.FromResult(1), _ => new CallCost(1, 0, 1), default);

        gate.Ended!.ShouldContain("no price");
    }

    // Time goes on until it has ended.
    private Task PassAsync(Task call, TimeSpan step) => Conditions.HoldsAsync(() =>
    {
        _time.Advance(step / 10);
        return Task.FromResult(call.IsCompleted);
    });

    private static GatewayCallException TooMany(int seconds) => new(429, "RATE_LIMIT_EXCEEDED", "too many", TimeSpan.FromSeconds(seconds));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    // Timers that are due some milliseconds before their time, as the system's may be.
    private sealed class EarlyTimers(ManualTime time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime > TimeSpan.FromMilliseconds(4) ? dueTime - TimeSpan.FromMilliseconds(4) : dueTime, period);
    }
}
