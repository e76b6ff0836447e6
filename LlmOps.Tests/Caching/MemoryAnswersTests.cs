using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;

namespace LlmOps.Tests.Caching;

public sealed class MemoryAnswersTests
{
    private const int AnswerBytes = 1000 - 256;

    private readonly ManualTime _time = new();
    private readonly MemoryAnswers _memory;

    public MemoryAnswersTests() => _memory = new MemoryAnswers(100_000, _time);

    [Fact]
    public void Memory_IsBounded()
    {
        for (ulong number = 0; number < 1000; number++)
        {
            Keep(number);
            _memory.Bytes.ShouldBeLessThanOrEqualTo(100_000);
        }

        _memory.Count.ShouldBe(100);
        _memory.Find(Key(999)).ShouldNotBeNull();
    }

    [Fact]
    public void AnswersInUse_SurviveAScan()
    {
        for (ulong number = 0; number < 50; number++)
        {
            Keep(number);
            _memory.Find(Key(number)).ShouldNotBeNull();
        }

        for (ulong number = 1000; number < 3000; number++)
        {
            Keep(number);
        }

        Enumerable.Range(0, 50).Count(number => _memory.Find(Key((ulong)number)) is not null).ShouldBe(50);
    }

    [Fact]
    public void AnswersThatComeAgain_AreKeptThoughTheyHadToGo()
    {
        for (ulong number = 0; number < 130; number++)
        {
            Keep(number);
        }

        _memory.Find(Key(5)).ShouldBeNull();
        Keep(5);
        for (ulong number = 1000; number < 1080; number++)
        {
            Keep(number);
        }

        _memory.Find(Key(5)).ShouldNotBeNull();
    }

    [Fact]
    public void AfterItsTime_AnAnswerIsNotGiven()
    {
        Keep(1);
        _time.Advance(TimeSpan.FromMinutes(59));
        _memory.Find(Key(1)).ShouldNotBeNull();

        _time.Advance(TimeSpan.FromMinutes(1));

        _memory.Find(Key(1)).ShouldBeNull();
        _memory.Bytes.ShouldBe(0);
    }

    [Fact]
    public void LargeAnswers_AreNotKept()
    {
        _memory.Keep(Key(1), Answer(20_000));

        _memory.Count.ShouldBe(0);
    }

    [Fact]
    public void AnotherAnswerForTheSameKey_TakesItsPlace()
    {
        Keep(1);
        _memory.Keep(Key(1), Answer(2000));

        _memory.Find(Key(1))!.Json.Length.ShouldBe(2000);
        _memory.Bytes.ShouldBe(2256);
    }

    [Fact]
    public void RemoveAll_GivesTheMemoryBack()
    {
        Keep(1);
        Keep(2, "other");

        _memory.RemoveAll(answer => answer.Tenant == "other").ShouldBe(1);

        _memory.Find(Key(1)).ShouldNotBeNull();
        _memory.Find(Key(2)).ShouldBeNull();
        _memory.Bytes.ShouldBe(1000);
    }

    private static CacheKey Key(ulong number) => new(number, number * 7, 1, 2);

    private CachedAnswer Answer(int bytes, string tenant = "default") =>
        new(new byte[bytes], tenant, "fast", null, "openai", "gpt-4o", null, _time.GetUtcNow() + TimeSpan.FromHours(1));

    private void Keep(ulong number, string tenant = "default") => _memory.Keep(Key(number), Answer(AnswerBytes, tenant));
}
