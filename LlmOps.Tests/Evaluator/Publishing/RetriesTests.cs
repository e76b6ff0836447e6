using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Publishing;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Tests.Evaluator.Publishing;

public sealed class RetriesTests
{
    private readonly ManualTime _time = new();
    private readonly List<TimeSpan> _calls = [];

    [Fact]
    public async Task WhatIsAwayForAMoment_IsAskedAgain()
    {
        var task = new Retries(_time).RunAsync(() => _calls.Count < 3 ? Fail<int>(Passing()) : Succeed(42), default);

        await _time.UntilAsync(task);

        (await task).ShouldBe(42);
        _calls.Count.ShouldBe(4);
    }

    [Fact]
    public async Task WhatStaysAway_IsAskedAFewTimesOnly()
    {
        var task = new Retries(_time).RunAsync(() => Fail<int>(Passing()), default);

        await Should.ThrowAsync<SinkException>(_time.UntilAsync(task));

        _calls.Count.ShouldBe(Retries.Most);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(3600, 30)]
    public async Task Wait_IsAsLongAsIsAskedFor_WithinABound(int asked, int waited)
    {
        var task = new Retries(_time).RunAsync(() => _calls.Count == 0 ? Fail<int>(new SinkException("busy") { IsPassing = true, RetryAfter = TimeSpan.FromSeconds(asked) }) : Succeed(1), default);

        await _time.UntilAsync(task);

        (_calls[1] - _calls[0]).ShouldBe(TimeSpan.FromSeconds(waited));
    }

    [Fact]
    public async Task WhatAnotherCallDoesNotChange_IsAskedOnce()
    {
        await Should.ThrowAsync<SinkException>(new Retries(_time).RunAsync(() => Fail<int>(new SinkException("unknown key")), default));
        await Should.ThrowAsync<BatchRefusedException>(new Retries(_time).RunAsync(() => Fail<int>(new BatchRefusedException("no")), default));
        await Should.ThrowAsync<GatewayCallException>(new Retries(_time).RunAsync(() => Fail<int>(new GatewayCallException(403, "PERMISSION_DENIED", "no")), default));

        _calls.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task GatewayThatIsAwayOrBusy_IsAskedAgain(int? status)
    {
        var task = new Retries(_time).RunAsync(() => _calls.Count == 0 ? Fail<int>(new GatewayCallException(status, null, "later")) : Succeed(1), default);

        await _time.UntilAsync(task);

        _calls.Count.ShouldBe(2);
    }

    private static SinkException Passing() => new("away") { IsPassing = true };

    private Task<T> Succeed<T>(T value)
    {
        _calls.Add(_time.GetElapsedTime(0));
        return Task.FromResult(value);
    }

    private Task<T> Fail<T>(Exception exception)
    {
        _calls.Add(_time.GetElapsedTime(0));
        return Task.FromException<T>(exception);
    }
}
