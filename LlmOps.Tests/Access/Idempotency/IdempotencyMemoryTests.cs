using LlmOps.Gateway.Access.Idempotency;

namespace LlmOps.Tests.Access.Idempotency;

public sealed class IdempotencyMemoryTests
{
    private readonly ManualTime _time = new();
    private readonly IdempotencyStatistics _statistics = new();
    private readonly IdempotencyMemory _memory;

    public IdempotencyMemoryTests() => _memory = new IdempotencyMemory(_statistics, _time);

    [Fact]
    public void Answer_IsKeptForItsTime_AndNoLonger()
    {
        var options = new IdempotencyOptions();
        _memory.Keep("a", Answer(100), options);

        _time.Advance(options.TimeToLive - TimeSpan.FromSeconds(1));
        _memory.Find("a").ShouldNotBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));

        _memory.Find("a").ShouldBeNull();
        (_memory.Count, _memory.Bytes, _statistics.EvictedAnswers).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void BeyondItsBytes_TheLeastRecentlyUsedGoes_AndIsCounted()
    {
        var options = new IdempotencyOptions { MaxMemoryBytes = 2 * Answer(100).Size };
        _memory.Keep("a", Answer(100), options);
        _memory.Keep("b", Answer(100), options);
        _memory.Find("a");

        _memory.Keep("c", Answer(100), options);

        (_memory.Find("a") is not null, _memory.Find("b") is not null, _memory.Find("c") is not null).ShouldBe((true, false, true));
        (_memory.Bytes, _statistics.EvictedAnswers).ShouldBe((options.MaxMemoryBytes, 1));
    }

    [Fact]
    public void LargerThanAllOfIt_IsNotKept()
    {
        _memory.Keep("a", Answer(10_000), new IdempotencyOptions { MaxMemoryBytes = 10_000 });

        (_memory.Count, _memory.Bytes).ShouldBe((0, 0));
    }

    [Fact]
    public void KeptTwice_TheLastCounts()
    {
        var last = Answer(200);
        _memory.Keep("a", Answer(100), new IdempotencyOptions());

        _memory.Keep("a", last, new IdempotencyOptions());

        _memory.Find("a").ShouldBe(last);
        (_memory.Count, _memory.Bytes).ShouldBe((1, last.Size));
    }

    private static IdempotentAnswer Answer(int bytes) =>
        new("f", new IdempotentAnswer.AnswerFacts("application/json", new Dictionary<string, string>(), false, "m", "p", "pm", 1), new byte[bytes]);
}
