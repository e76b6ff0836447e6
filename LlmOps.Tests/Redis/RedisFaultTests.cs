using System.Text;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

/// <summary>Servers that fail in the middle of large values and many calls.</summary>
public sealed class RedisFaultTests
{
    [Theory]
    [InlineData("$10\r\nhalf")]
    [InlineData("$10\r")]
    [InlineData("*2\r\n$1\r\na\r\n:1")]
    public async Task AnswerThatBreaksOff_IsForgotten(string half)
    {
        FakeRedis? fake = null;
        await using var started = fake = new FakeRedis(async (command, send) =>
        {
            if (command[0] != "GET")
            {
                return null;
            }

            await send(Encoding.ASCII.GetBytes(half));
            fake!.Disconnect();
            return "";
        });
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        var failure = await redis.FailureAsync("GET", "k");

        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, true));
        await redis.AvailableAsync();
        (await redis.TextAsync("ECHO", "next")).ShouldBe("next");
    }

    [Fact]
    public async Task AnswerWhoseRestIsLate_IsNobodyElses()
    {
        using var gate = new Gate();
        await using var fake = new FakeRedis(async (command, send) =>
        {
            if (command[0] != "GET")
            {
                return null;
            }

            await send("$4\r\nla"u8.ToArray());
            await gate.Opened;
            return "te\r\n";
        });
        await using var redis = await TestRedis.ConnectAsync(fake.Address, options => options with { CallTimeout = TimeSpan.FromSeconds(1), Breaker = Never });

        (await redis.FailureAsync("GET", "k")).Reason.ShouldBe(RedisFailure.Deadline);
        gate.Open();

        (await redis.TextAsync("ECHO", "next")).ShouldBe("next");
        fake.Accepted.ShouldBe(1);
    }

    [RedisFact]
    public async Task SuspendedUnderTenThousandLargeCalls_EachEndsAndItIsUsedAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address, options => options with { CallTimeout = TimeSpan.FromSeconds(1), Breaker = Never });
        var value = new byte[100_000];
        server.Suspend();

        var calls = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(number => Task.Run(async () => await redis.FailureAsync("SET", RedisArgument.Key($"{number % 10}"), value))));

        calls.ShouldAllBe(failure => failure.Reason != RedisFailure.Server);
        calls.ShouldContain(failure => failure.Message.Contains("too much waits", StringComparison.Ordinal) && !failure.MayHaveRun);
        server.Resume();
        await Conditions.HoldsAsync(async () => await OutcomeAsync(redis, "SET", RedisArgument.Key("k"), value) is null);
        (await redis.Client.ExecuteAsync("GET", [RedisArgument.Key("k")])).Bytes.Length.ShouldBe(value.Length);
    }

    [RedisTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task KilledUnderLargeValues_NoneIsAnothers(int connections)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address, options => options with { MaxConnections = connections });
        using var stop = new CancellationTokenSource();
        int answered = 0, failed = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var value = new byte[1_000_000];
            new Random(caller).NextBytes(value);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    (await redis.Client.ExecuteAsync("ECHO", [value])).Bytes.Span.SequenceEqual(value).ShouldBeTrue();
                    Interlocked.Increment(ref answered);
                }
                catch (RedisException exception)
                {
                    exception.Reason.ShouldBe(RedisFailure.Unavailable);
                    Interlocked.Increment(ref failed);
                    await Task.Yield();
                }
            }
        })));

        for (var round = 0; round < 3; round++)
        {
            await MoreAsync(() => Volatile.Read(ref answered));
            await server.KillAsync();
            await MoreAsync(() => Volatile.Read(ref failed));
            await server.RestartAsync();
        }

        await MoreAsync(() => Volatile.Read(ref answered));
        await stop.CancelAsync();
        await load;

        Task MoreAsync(Func<int> count)
        {
            var before = count();
            return Conditions.HoldsAsync(() => Task.FromResult(load.IsFaulted || count() >= before + 20));
        }
    }

    private static RedisBreakerOptions Never => new() { MinimumCalls = 1_000_000 };

    private static async Task<RedisFailure?> OutcomeAsync(TestRedis redis, string command, params RedisArgument[] arguments)
    {
        try
        {
            await redis.Client.ExecuteAsync(command, arguments);
            return null;
        }
        catch (RedisException exception)
        {
            return exception.Reason;
        }
    }
}
